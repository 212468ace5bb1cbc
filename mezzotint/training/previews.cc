#include "mezzotint/training/previews.h"

#include <algorithm>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

#include "mezzotint/io/image.h"
#include "mezzotint/io/image_tensor.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/sampler.h"
#include "mezzotint/training/position.h"

namespace mezzotint {
namespace {

constexpr int64_t kStripColumns = 8;

void write_picture(const std::filesystem::path& path, const Tensor& images_bchw, int64_t columns) {
  write_png(path, tensor_to_image(make_grid(images_bchw, columns)));
}

}  // namespace

Previews::Previews(const TrainConfig& config, const Pipeline& pipeline,
                   std::filesystem::path folder, int64_t height, int64_t width)
    : config_(config), folder_(std::move(folder)) {
  if (!wanted()) return;
  noise_ = RandomStream(stream_seed(config.seed, "samples"))
               .randn({config.sample_count, pipeline.image_channels(), height, width});
  if (const int64_t classes = pipeline.class_count(); classes > 0)
    labels_ = at::arange(config.sample_count, at::kLong).remainder(classes);
}

Tensor Previews::draw(const Pipeline& pipeline, const CancelToken& cancel) const {
  const SchedulerPtr scheduler = pipeline.scheduler(config_.sample_scheduler, config_.sample_steps);
  const PredictFor predict_for = [&](int64_t first, int64_t count) {
    return pipeline.predict(labels_.defined() ? labels_.narrow(0, first, count) : labels_);
  };
  const Predict predict = in_chunks(predict_for, config_.batch_size, cancel);
  const NoiseSource source = NoiseSource::one(stream_seed(config_.seed, "sample steps"));
  SampleOptions options;
  options.cancel = cancel;
  return sample(predict, *scheduler, noise_, source.drawing(noise_.sizes()), options);
}

std::filesystem::path Previews::grid_path(int64_t update, bool raw) const {
  return folder_ / (update_name(update) + (raw ? "-raw.png" : ".png"));
}

void Previews::write_grid(const Tensor& images_bchw, const std::filesystem::path& path) const {
  const int64_t classes = labels_.defined() ? labels_.max().item<int64_t>() + 1 : 0;
  const int64_t columns = classes > 1 && classes <= 16 ? classes : kStripColumns;
  write_picture(path, images_bchw, std::min(columns, images_bchw.size(0)));
}

void Previews::keep_before(const Tensor& images_bchw) const {
  Weights kept;
  kept.set("images", images_bchw.contiguous());
  write_safetensors(folder_ / "before.safetensors", kept);
}

bool Previews::has_before() const {
  return std::filesystem::exists(folder_ / "before.safetensors");
}

std::filesystem::path Previews::write_strip(const Tensor& after_bchw) const {
  const Tensor before = read_safetensors(folder_ / "before.safetensors").weights.at("images");
  const int64_t columns = std::min({kStripColumns, after_bchw.size(0), before.size(0)});
  const std::filesystem::path path = folder_ / "before-after.png";
  write_picture(path, at::cat({before.narrow(0, 0, columns), after_bchw.narrow(0, 0, columns)}),
                columns);
  return path;
}

}  // namespace mezzotint
