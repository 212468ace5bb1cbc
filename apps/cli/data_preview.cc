#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/data/loader.h"
#include "mezzotint/io/image_tensor.h"

#include "apps/cli/config_flags.h"
#include "apps/cli/data.h"
#include "apps/cli/device.h"
#include "apps/cli/options.h"
#include "apps/cli/picture_output.h"

namespace mezzotint::cli {
namespace {

struct Options {
  std::string data, split = "train", out;
  int64_t count = 16;
  int64_t columns = 0;
  int64_t size = 0;
  bool in_order = false;
  bool labels = false;
  /// What was given of it.
  std::shared_ptr<nlohmann::json> transform =
      std::make_shared<nlohmann::json>(nlohmann::json::object());
};

/// Whether the first pictures that can be read are all grey.
bool looks_grey(const Dataset& dataset) {
  bool grey = false;
  for (int64_t i = 0; i < std::min<int64_t>(dataset.size(), 16); ++i) {
    try {
      if (dataset.get(i).image.channels > 2) return false;
      grey = true;
    } catch (const Error&) {
      continue;  // damaged: the others tell as well, and the loader reports it
    }
  }
  return grey;
}

/// Grey data stays grey unless channels were asked for.
TransformConfig transform_of(const Options& options, const Dataset& dataset) {
  TransformConfig config;
  config.height = config.width = options.size;
  from_json_strict(config, *options.transform, "command line");
  if (!options.transform->contains("channels") && looks_grey(dataset)) config.channels = 1;
  return config;
}

std::string label_name(const Dataset& dataset, int64_t label) {
  return dataset.class_names().at(label);
}

/// The label of each picture, laid out as the grid is.
void print_labels(const Dataset& dataset, const Tensor& label_b, int64_t columns) {
  size_t width = 0;
  for (const std::string& name : dataset.class_names()) width = std::max(width, name.size());
  for (int64_t i = 0; i < label_b.size(0); ++i) {
    const int64_t label = label_b[i].item<int64_t>();
    const bool last = (i + 1) % columns == 0 || i + 1 == label_b.size(0);
    print("%lld %-*s%s", static_cast<long long>(label), static_cast<int>(last ? 0 : width),
          label_name(dataset, label).c_str(), last ? "\n" : "  ");
  }
}

nlohmann::json as_json(const Options& options, const Dataset& dataset, const Batch& batch,
                       const std::vector<std::string>& warnings) {
  nlohmann::json document = {{"schema", "mezzotint/data-preview/1"},
                             {"data", options.data},
                             {"description", dataset.describe()},
                             {"items", dataset.size()},
                             {"classes", dataset.class_names()},
                             {"file", options.out},
                             {"shape", batch.x0_bchw.sizes().vec()},
                             {"labels", nlohmann::json::array()},
                             {"left_out", warnings}};
  for (int64_t i = 0; batch.label_b.defined() && i < batch.label_b.size(0); ++i)
    document["labels"].push_back(batch.label_b[i].item<int64_t>());
  return document;
}

void run(const Options& options, Context& context) {
  prepare_device(context.global);
  if (std::filesystem::path(options.out).extension() != ".png")
    fail_usage("-o ", options.out, ": wanted a name that ends in .png");
  const DatasetPtr dataset = open_dataset(options.data, options.split);
  if (options.labels && dataset->class_names().empty())
    fail(options.data, ": has no labels; put the pictures of each class in a folder of its own");
  const Loader loader(dataset, transform_of(options, *dataset),
                      {.batch_size = options.count,
                       .seed = context.global.seed,
                       .shuffle = !options.in_order,
                       .on_damaged = "skip"});
  const Batch batch = loader.batch(0, 0);
  for (const std::string& warning : loader.warnings()) context.console.warn(warning);
  const int64_t columns = options.columns > 0 ? options.columns : options.count > 16 ? 8 : 4;
  make_place_for(options.out, "-o");
  write_png(options.out, tensor_to_image(make_grid(batch.x0_bchw, columns)));
  context.console.say(dataset->describe());
  context.console.say(concat("wrote ", options.out, ": batch of shape ", batch.x0_bchw.sizes(),
                             ", values ", batch.x0_bchw.min().item<float>(), " to ",
                             batch.x0_bchw.max().item<float>()));
  if (context.global.json) return print_json(as_json(options, *dataset, batch, loader.warnings()));
  if (options.labels) print_labels(*dataset, batch.label_b, columns);
}

}  // namespace

std::function<void(Context&)> declare_data_preview(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_data_options(app, options->data, options->split);
  add_text(app, "-o,--out", options->out, "the grid: a PNG file", "FILE")->required();
  add_whole_number(app, "-n,--count", options->count, 1, "pictures; default 16", 10'000);
  add_whole_number(app, "--columns", options->columns, 1,
                   "pictures in a row; default 4, 8 for more than 16", 10'000);
  add_whole_number(app, "--size", options->size, 1, "height and width; default as the pictures are",
                   1 << 16);
  app.add_flag("--in-order", options->in_order, "the first pictures, not a shuffled batch");
  app.add_flag("--labels", options->labels, "print the label of each picture");
  add_flags(app, options->transform, TransformConfig{}, "Pictures");
  return [options](Context& context) { run(*options, context); };
}

}  // namespace mezzotint::cli
