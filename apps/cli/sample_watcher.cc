#include "apps/cli/sample_watcher.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include <ATen/ops/tensor.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/image_tensor.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/report/preview_pair.h"

namespace mezzotint::cli {
namespace {

Image grid_or_one(const Tensor& images_bchw, int64_t columns) {
  const Tensor images = images_bchw.clamp(-1, 1);
  return tensor_to_image(images.size(0) == 1 ? images[0] : make_grid(images, columns));
}

/// int64 where all are whole, as DDPM's and DDIM's are in diffusers; else float32.
Tensor timesteps_tensor(const std::vector<double>& timesteps) {
  const bool whole = std::ranges::all_of(timesteps, [](double t) { return t == std::floor(t); });
  return at::tensor(timesteps, at::kDouble).to(whole ? at::kLong : at::kFloat);
}

bool is_due(const SampleProgress& now, int64_t every) {
  if (every == 0) return false;
  return now.index % static_cast<size_t>(every) == 0 || now.index + 1 == now.total;
}

}  // namespace

double SampleWatcher::trace_bytes(IntArrayRef sizes, size_t steps) {
  double values = 1;
  for (const int64_t size : sizes) values *= static_cast<double>(size);
  return values * static_cast<double>(sizeof(float) * 2 * steps);
}

void SampleWatcher::after_step(const SampleProgress& now) {
  if (!wishes_.trace.empty()) {
    trace_.set(concat("x.", now.index), now.step.prev_sample.cpu().contiguous());
    trace_.set(concat("x0.", now.index), now.step.pred_original_sample.cpu().contiguous());
  }
  if (now.index == 0)
    pace_ = animation_pace(wishes_.animate_every, static_cast<int64_t>(now.total));
  const bool preview = is_due(now, wishes_.preview_every);
  const bool frame = !wishes_.animation.empty() && is_due(now, pace_.every);
  if (!preview && !frame) return;
  Image shown = picture(now);
  if (preview) write_preview(now.index, shown);
  if (frame) add_frame(std::move(shown));
}

Image SampleWatcher::picture(const SampleProgress& now) const {
  char step[64];
  std::snprintf(step, sizeof step, "Current x (step %zu, t = %g)", now.index, now.timestep);
  return preview_pair(grid_or_one(now.step.prev_sample, wishes_.columns), step,
                      grid_or_one(now.step.pred_original_sample, wishes_.columns), "Predicted x0");
}

void SampleWatcher::write_preview(size_t index, const Image& picture) {
  std::filesystem::create_directories(wishes_.previews);
  char name[32];
  std::snprintf(name, sizeof name, "step-%04zu.png", index);
  const std::filesystem::path path = wishes_.previews / name;
  write_png(path, picture);
  files_.push_back(path.string());
}

void SampleWatcher::add_frame(Image picture) {
  if (!animation_)
    animation_ = std::make_unique<AnimationWriter>(
        wishes_.animation, AnimationOptions{.frame_ms = pace_.frame_ms,
                                            .last_frame_ms = pace_.last_frame_ms,
                                            .comment = wishes_.comment});
  animation_->add(std::move(picture));
}

std::vector<std::string> SampleWatcher::finish(const std::vector<double>& timesteps) {
  if (!wishes_.trace.empty()) {
    trace_.set("timesteps", timesteps_tensor(timesteps));
    write_safetensors(wishes_.trace, trace_);
    files_.push_back(wishes_.trace.string());
  }
  if (animation_) {
    animation_->finish();
    files_.push_back(wishes_.animation.string());
  }
  return files_;
}

}  // namespace mezzotint::cli
