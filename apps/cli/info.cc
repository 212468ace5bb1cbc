// `mezzotint info MODEL`: what a model is, and what running it costs on this machine.
#include <chrono>
#include <filesystem>
#include <fstream>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/pipelines/pipeline.h"

#include "apps/cli/device.h"
#include "apps/cli/labels.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/model_hash.h"
#include "apps/cli/progress.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Options {
  std::string model, variant;
  int64_t batch = 1, size = 0;
  bool forecast = true;
};

/// The value of `license:` in the front matter of the model's card, or "".
std::string licence_of(const fs::path& folder) {
  std::ifstream card(folder / "README.md");
  std::string line;
  if (!std::getline(card, line) || !line.starts_with("---")) return "";
  while (std::getline(card, line) && !line.starts_with("---")) {
    constexpr std::string_view kKey = "license:";
    if (!line.starts_with(kKey)) continue;
    const size_t begin = line.find_first_not_of(" \t'\"", kKey.size());
    return begin == std::string::npos
               ? ""
               : line.substr(begin, line.find_last_not_of(" \t\r'\"") - begin + 1);
  }
  return "";
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Height and width of the forecast.
std::pair<int64_t, int64_t> size_of(const Options& options, const Pipeline& pipeline) {
  if (options.size > 0) return {options.size, options.size};
  const auto size = pipeline.unet->sample_size();
  if (size.first <= 0) fail_usage("the model doesn't say how large its pictures are; give --size");
  return size;
}

/// Runs the network twice, the second time by the clock.
json forecast(const Options& options, const Pipeline& pipeline, c10::Device device) {
  const auto [height, width] = size_of(options, pipeline);
  const c10::NoGradGuard no_gradients;
  const Tensor x =
      RandomStream(0).randn({options.batch, pipeline.image_channels(), height, width}).to(device);
  const Tensor t = at::full({options.batch}, 500, x.options().dtype(at::kLong));
  const Tensor labels = at::zeros({options.batch}, x.options().dtype(at::kLong));
  const Predict predict = pipeline.predict(pipeline.class_count() > 0 ? labels : Tensor());
  predict(x, t).sum().item<float>();
  const auto begin = std::chrono::steady_clock::now();
  predict(x, t).sum().item<float>();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const int64_t steps = default_steps(pipeline.own_scheduler(), pipeline.scheduler_config);
  return {{"batch", options.batch},
          {"height", height},
          {"width", width},
          {"seconds_per_step", seconds},
          {"steps", steps},
          {"seconds", seconds * static_cast<double>(steps)},
          {"peak_rss_mb", peak_megabytes()}};
}

json describe(const Options& options, const Pipeline& pipeline, c10::Device device) {
  const Weights& parameters = pipeline.unet->parameters();
  const int64_t count =
      parameters.element_count() + (pipeline.class_emb.defined() ? pipeline.class_emb.numel() : 0);
  json document = {{"schema", "mezzotint/info/1"},
                   {"path", pipeline.path.string()},
                   {"pipeline", pipeline.class_name},
                   {"parameters", count},
                   {"bytes_fp32", count * 4},
                   {"sha256", model_sha256(pipeline.path, options.variant)},
                   {"licence", licence_of(pipeline.path)},
                   {"classes", pipeline.class_count()},
                   {"class_names", pipeline.class_names},
                   {"image_channels", pipeline.image_channels()},
                   {"unet", pipeline.unet->config()},
                   {"scheduler", pipeline.scheduler_config},
                   {"sampled_with", pipeline.own_scheduler()},
                   {"warnings", pipeline.warnings}};
  if (options.forecast) document["forecast"] = forecast(options, pipeline, device);
  return document;
}

std::string with_separators(int64_t number) {
  std::string text = std::to_string(number);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
}

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

void print(const char* name, const std::string& value) {
  if (!value.empty()) std::printf("%-12s %s\n", name, value.c_str());
}

/// `["A", "B"]` as "A, B"; anything else as JSON.
std::string in_words(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::vector<std::string> words;
  for (const json& item : value) words.push_back(in_words(item));
  return joined(words);
}

/// "32 x 32", "8 x 12", or "of any size".
std::string pixels_in_words(const json& unet) {
  const json size = unet.value("sample_size", json());
  if (size.is_array()) return concat(size.at(0), " x ", size.at(1));
  return size.is_null() ? "of any size" : concat(size, " x ", size);
}

void print_table(const json& document, const Pipeline& pipeline) {
  const json &unet = document["unet"], &scheduler = document["scheduler"];
  const auto of = [](const json& object, const char* key) {
    return object.contains(key) ? in_words(object[key]) : std::string("?");
  };
  print("model", document["path"]);
  print("pipeline", document["pipeline"]);
  print("parameters",
        concat(with_separators(document["parameters"]), " (",
               one_decimal(document["bytes_fp32"].get<double>() / 1e6), " MB in float32)"));
  print("pictures", concat(pixels_in_words(unet), ", ", document["image_channels"], " channel",
                           document["image_channels"] == 1 ? "" : "s"));
  if (pipeline.class_count() > 0) print("classes", classes_in_words(pipeline));
  print("down", of(unet, "down_block_types"));
  print("up", of(unet, "up_block_types"));
  print("channels", concat(of(unet, "block_out_channels"), "; ", of(unet, "layers_per_block"),
                           " layers a block"));
  print("scheduler",
        concat(document["sampled_with"].get<std::string>(), ", ", of(scheduler, "beta_schedule"),
               ", ", of(scheduler, "num_train_timesteps"), " timesteps, predicts ",
               scheduler.value("prediction_type", "epsilon")));
  print("licence", document["licence"]);
  print("sha256", document["sha256"]);
  if (!document.contains("forecast")) return;
  const json& cost = document["forecast"];
  print("forecast", concat("batch ", cost["batch"], " at ", cost["height"], " x ", cost["width"],
                           ": ", one_decimal(cost["seconds_per_step"].get<double>() * 1e3),
                           " ms a step, ", duration_text(cost["seconds"]), " for ", cost["steps"],
                           " steps, peak ", static_cast<int64_t>(cost["peak_rss_mb"].get<double>()),
                           " MB (from one call of the network, timed now)"));
}

void run(const Options& options, Context& context) {
  if (options.batch < 1) fail_usage("--batch: got ", options.batch, ", wanted at least 1");
  const c10::Device device = prepare_device(context.global);
  const Pipeline pipeline = load_pipeline(model_folder(options.model), {options.variant, device});
  for (const std::string& warning : pipeline.warnings) context.console.warn(warning);
  const json document = describe(options, pipeline, device);
  if (context.global.json)
    print_json(document);
  else
    print_table(document, pipeline);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("MODEL", options->model, "folder, starter model or hub id")->required();
  app.add_option("--batch", options->batch, "pictures at once, for the forecast; default 1");
  app.add_option("--size", options->size,
                 "height and width, for the forecast; default the model's");
  app.add_option("--variant", options->variant, "weight files to load: fp16, ema, ...");
  app.add_flag("!--no-forecast", options->forecast, "don't run the network");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kInfo("info", {"what a model is, and what running it costs", declare});

}  // namespace
}  // namespace mezzotint::cli
