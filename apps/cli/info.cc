// `mezzotint info MODEL`: what a model is, and what running it costs on this machine.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/whole_number.h"
#include "mezzotint/pipelines/pipeline.h"

#include "apps/cli/device.h"
#include "apps/cli/info_table.h"
#include "apps/cli/model_card.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/model_forecast.h"
#include "apps/cli/model_hash.h"
#include "apps/cli/options.h"
#include "apps/cli/split.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Options {
  std::string model, variant, size;
  int64_t batch = 1;
  bool forecast = true;
  bool timing = true;
};

/// "256" or "128x192", height first.
std::pair<int64_t, int64_t> size_of(const std::string& text) {
  std::vector<int64_t> numbers;
  for (const std::string& part : split(text, 'x')) {
    const std::optional<int64_t> number = whole_number(part);
    if (!number || *number < 1 || *number > 65536)
      fail_usage("--size: got '", text, "', wanted PIXELS or HEIGHTxWIDTH, each 1 to 65536");
    numbers.push_back(*number);
  }
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  if (numbers.size() != 2) fail_usage("--size: got '", text, "', wanted PIXELS or HEIGHTxWIDTH");
  return {numbers[0], numbers[1]};
}

ForecastRequest forecast_request(const Options& options, const UNet2DModel& unet) {
  auto [height, width] = options.size.empty() ? unet.sample_size() : size_of(options.size);
  if (height < 1) fail_usage("the model doesn't say how large its pictures are; give --size");
  const int64_t multiple = unet.size_multiple();
  if (height % multiple != 0 || width % multiple != 0)
    fail_usage("--size: got ", height, "x", width, ", this network takes multiples of ", multiple);
  return {options.batch, height, width, options.timing};
}

/// Sizes of the weight files, by their names in the folder.
json weight_file_sizes(const Pipeline& pipeline, const std::string& variant) {
  json sizes = json::object();
  for (const fs::path& file : weight_files(pipeline.path, variant))
    sizes[file == pipeline.path ? file.filename().string()
                                : fs::relative(file, pipeline.path).string()] = fs::file_size(file);
  return sizes;
}

json describe(const Options& options, const Pipeline& pipeline) {
  const int64_t count = pipeline.unet->parameters().element_count() +
                        (pipeline.class_emb.defined() ? pipeline.class_emb.numel() : 0);
  return {{"schema", "mezzotint/info/1"},
          {"path", pipeline.path.string()},
          {"pipeline", pipeline.class_name},
          {"licence", licence_of(pipeline.path)},
          {"parameters", count},
          {"bytes_fp32", count * 4},
          {"files", weight_file_sizes(pipeline, options.variant)},
          {"sha256", model_sha256(pipeline.path, options.variant)},
          {"classes", pipeline.class_count()},
          {"class_names", pipeline.class_names},
          {"image_channels", pipeline.image_channels()},
          {"unet", pipeline.unet->config()},
          {"scheduler", pipeline.scheduler_config},
          {"sampled_with", pipeline.own_scheduler()},
          {"warnings", pipeline.warnings}};
}

void run(const Options& options, Context& context) {
  if (!options.size.empty()) size_of(options.size);
  const c10::Device device = prepare_device(context.global);
  const Pipeline pipeline = load_pipeline(model_folder(options.model), {options.variant, device});
  for (const std::string& warning : pipeline.warnings) context.console.warn(warning);
  json document = describe(options, pipeline);
  if (options.forecast)
    document["forecast"] = forecast(pipeline, forecast_request(options, *pipeline.unet), device);
  if (context.global.json)
    print_json(document);
  else
    print_info_table(document, pipeline);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_text(app, "MODEL", options->model, kModelHelp, "MODEL")->required();
  add_whole_number(app, "--batch", options->batch, 1,
                   "pictures at once, for the forecast; default 1");
  add_text(app, "--size", options->size,
           "PIXELS or HEIGHTxWIDTH, for the forecast; default the model's", "SIZE");
  add_text(app, "--variant", options->variant, kVariantHelp, "NAME");
  app.add_flag("!--no-forecast", options->forecast, "say only what the model is");
  app.add_flag("!--no-timing", options->timing, "don't run the network to see how long it takes");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kInfo("info", {"what a model is, and what running it costs", declare});

}  // namespace
}  // namespace mezzotint::cli
