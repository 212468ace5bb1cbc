// `mezzotint info MODEL`: what a model is, and what running it costs on this machine.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/whole_number.h"
#include "mezzotint/pipelines/classifier_folder.h"
#include "mezzotint/pipelines/lora_file.h"
#include "mezzotint/pipelines/model_kind.h"

#include "apps/cli/device.h"
#include "apps/cli/info_document.h"
#include "apps/cli/info_table.h"
#include "apps/cli/lora_option.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/model_forecast.h"
#include "apps/cli/options.h"
#include "apps/cli/split.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Options {
  std::string model, variant, size;
  std::vector<std::string> loras;
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

json describe_pipeline(const Options& options, const fs::path& path, c10::Device device) {
  const Pipeline pipeline = load_pipeline(path, {options.variant, device});
  json document = info_document(pipeline, options.variant);
  if (!options.loras.empty()) document["loras"] = merge_loras(pipeline, options.loras);
  if (options.forecast)
    document["forecast"] = forecast(pipeline, forecast_request(options, *pipeline.unet), device);
  return document;
}

json describe(const Options& options, const fs::path& path, c10::Device device) {
  const ModelKind kind = model_kind(path);
  if (kind != ModelKind::kDiffusion && !options.loras.empty())
    fail_usage("--lora: ", path.string(), " is no diffusion model");
  switch (kind) {
    case ModelKind::kClip:
      return info_document(load_clip(path, {options.variant}), options.variant);
    case ModelKind::kClassifier:
      return info_document(load_classifier(path), path, options.variant);
    case ModelKind::kLora:
      return info_document(load_lora(path), path);
    case ModelKind::kDiffusion:
      break;
  }
  return describe_pipeline(options, path, device);
}

void run(const Options& options, Context& context) {
  if (!options.size.empty()) size_of(options.size);
  for (const std::string& lora : options.loras) parse_lora_use(lora);
  const c10::Device device = prepare_device(context.global);
  const json document = describe(options, model_folder(options.model), device);
  for (const json& warning : document.at("warnings"))
    context.console.warn(warning.get<std::string>());
  if (context.global.json)
    print_json(document);
  else
    print_info_table(document);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_text(app, "MODEL", options->model, kModelHelp, "MODEL")->required();
  add_whole_number(app, "--batch", options->batch, 1,
                   "pictures at once, for the forecast; default 1");
  add_text(app, "--size", options->size,
           "PIXELS or HEIGHTxWIDTH, for the forecast; default the model's", "SIZE");
  add_text(app, "--variant", options->variant, kVariantHelp, "NAME");
  add_lora_option(app, options->loras);
  app.add_flag("!--no-forecast", options->forecast, "say only what the model is");
  app.add_flag("!--no-timing", options->timing, "don't run the network to see how long it takes");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kInfo("info", {"what a model is, and what running it costs", declare});

}  // namespace
}  // namespace mezzotint::cli
