#include "apps/cli/sample_request.h"

#include "mezzotint/base/error.h"
#include "mezzotint/io/animation.h"
#include "mezzotint/schedulers/scheduler.h"

#include "apps/cli/lora_option.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/options.h"

namespace mezzotint::cli {
namespace {

// More is a slip of the keyboard.
constexpr int64_t kMostPictures = 1'000'000;
constexpr int64_t kMostPixels = 65536;

}  // namespace

void add_sample_options(CLI::App& app, SampleRequest& request) {
  const auto whole = [&](const char* names, int64_t& value, int64_t least, const char* help,
                         int64_t most = kNoLimit) {
    add_whole_number(app, names, value, least, help, most);
  };
  add_text(app, "MODEL", request.model, kModelHelp, "MODEL")->required();
  add_text(app, "-o,--out", request.out, "FILE.png, FILE.safetensors or a folder", "OUT")
      ->required();
  whole("-n,--count", request.count, 1, "pictures; default 1, or one of each class", kMostPictures);
  const std::string with_ddpm =
      request.most_default_steps > 0 ? std::to_string(request.most_default_steps) : "all timesteps";
  add_whole_number(app, "--steps", request.steps, 1,
                   "denoising steps; default 50, with DDPM " + with_ddpm);
  offer_schedulers(
      add_text(app, "--scheduler", request.scheduler,
               "one of " + joined(short_scheduler_names()) + "; default the model's own", "NAME"));
  add_number(app, "--eta", request.eta, "DDIM: fresh noise per step, 0 to 1; default 0");
  add_text(app, "--labels", request.labels, "classes, by number or name: 0*8,1*8", "LIST");
  add_number(app, "--guidance-scale", request.guidance_scale,
             "classifier-free guidance: how much of the class, 1 as trained; default 1");
  whole("--null-label", request.null_label, 0,
        "the label that stands for no class; default the model's own");
  add_text(app, "--seeds", request.seeds, "a seed for each picture: 0..7 or 3,1,4", "LIST");
  add_text(app, "--init-noise", request.init_noise,
           ".safetensors with `noise`: unit variance, NCHW", "FILE");
  add_text(app, "--trace", request.trace,
           "write .safetensors with `timesteps`, `x.K` and `x0.K` after each step K", "FILE");
  whole("--preview-every", request.preview_every, 0,
        "write the current x beside the predicted x0 every so many steps; default 0: never");
  add_text(app, "--animate", request.animate,
           "write FILE.webp or FILE.gif: how x and the predicted x0 change, step by step", "FILE");
  whole("--animate-every", request.animate_every, 1,
        "steps from frame to frame; default so that there are at most 60 frames");
  whole("--batch", request.batch, 1,
        "pictures in one network call; the result doesn't depend on it; default 16");
  whole("--columns", request.columns, 1,
        "pictures in a row of the grid; default as many as fit well");
  whole("--height", request.height, 1, "pixels; default the model's", kMostPixels);
  whole("--width", request.width, 1, "pixels; default the model's", kMostPixels);
  add_text(app, "--variant", request.variant, kVariantHelp, "NAME");
  add_lora_option(app, request.loras);
}

void check(const SampleRequest& request) {
  if (!(request.eta >= 0 && request.eta <= 1))
    fail_usage("--eta: got ", request.eta, ", wanted 0 (DDIM) to 1 (as DDPM)");
  if (!request.trace.empty() && !request.trace.ends_with(".safetensors"))
    fail_usage("--trace: got '", request.trace, "', wanted a name that ends in .safetensors");
  if (!request.animate.empty() && !names_animation(request.animate))
    fail_usage("--animate: got '", request.animate, "', wanted a name that ends in .webp or .gif");
  if (request.animate_every > 0 && request.animate.empty())
    fail_usage("--animate-every comes with --animate FILE");
  if (!request.init_noise.empty() && request.height + request.width > 0)
    fail_usage("--height and --width come with the noise of --init-noise; leave them out");
  if (!request.scheduler.empty()) scheduler_class_name(request.scheduler);  // refuses unknown ones
  for (const std::string& lora : request.loras) parse_lora_use(lora);
}

}  // namespace mezzotint::cli
