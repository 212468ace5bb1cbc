#include "apps/cli/sample_request.h"

#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint::cli {

void add_sample_options(CLI::App& app, SampleRequest& request) {
  const auto text = [&](const char* name, std::string& value, const char* help,
                        const char* type = "TEXT") {
    return app.add_option(name, value, help)->type_name(type);
  };
  const auto number = [&](const char* name, int64_t& value, const char* help) {
    app.add_option(name, value, help)->type_name("INT");
  };
  text("MODEL", request.model, "folder, starter model or hub id", "")->required();
  text("-o,--out", request.out, "FILE.png, FILE.safetensors or a folder", "OUT")->required();
  number("-n,--count", request.count, "pictures; default 1, or one of each class");
  number("--steps", request.steps, "denoising steps; default DDPM: all, else 50");
  text("--scheduler", request.scheduler, "ddpm, ddim; default the model's own", "NAME");
  app.add_option("--eta", request.eta, "DDIM: fresh noise per step, 0 to 1; default 0")
      ->type_name("NUMBER");
  text("--labels", request.labels, "classes, by number or name: 0*8,1*8");
  text("--seeds", request.seeds, "a seed for each picture: 0..7 or 3,1,4");
  text("--init-noise", request.init_noise, ".safetensors with `noise`: unit variance, NCHW",
       "FILE");
  text("--trace", request.trace,
       "writes .safetensors with `timesteps`, `x.K` and `x0.K` after each step K", "FILE");
  number("--preview-every", request.preview_every,
         "writes the current x beside the predicted x0 every so many steps");
  number("--batch", request.batch,
         "pictures in one network call; the result doesn't depend on it; default 16");
  number("--columns", request.columns, "pictures in a row of the grid");
  number("--height", request.height, "pixels; default the model's");
  number("--width", request.width, "pixels; default the model's");
  text("--variant", request.variant, "weight files to load: fp16, ema, ...", "NAME");
}

void check(const SampleRequest& request) {
  const auto at_least = [](const char* option, int64_t value, int64_t least) {
    if (value < least) fail_usage(option, ": got ", value, ", wanted at least ", least);
  };
  at_least("-n", request.count, 0);
  at_least("--steps", request.steps, 0);
  at_least("--preview-every", request.preview_every, 0);
  at_least("--columns", request.columns, 0);
  at_least("--height", request.height, 0);
  at_least("--width", request.width, 0);
  at_least("--batch", request.batch, 1);
  if (!(request.eta >= 0 && request.eta <= 1))
    fail_usage("--eta: got ", request.eta, ", wanted 0 (DDIM) to 1 (as DDPM)");
  if (!request.trace.empty() && !request.trace.ends_with(".safetensors"))
    fail_usage("--trace: got '", request.trace, "', wanted a name that ends in .safetensors");
  if (!request.init_noise.empty() && request.height + request.width > 0)
    fail_usage("--height and --width come with the noise of --init-noise; leave them out");
  if (!request.scheduler.empty()) scheduler_class_name(request.scheduler);  // refuses unknown ones
}

}  // namespace mezzotint::cli
