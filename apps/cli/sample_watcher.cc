#include "apps/cli/sample_watcher.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

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
  const auto every = static_cast<size_t>(wishes_.preview_every);
  if (every > 0 && (now.index % every == 0 || now.index + 1 == now.total)) write_preview(now);
}

void SampleWatcher::write_preview(const SampleProgress& now) {
  std::filesystem::create_directories(wishes_.previews);
  char name[32], step[64];
  std::snprintf(name, sizeof name, "step-%04zu.png", now.index);
  std::snprintf(step, sizeof step, "Current x (step %zu, t = %g)", now.index, now.timestep);
  const std::filesystem::path path = wishes_.previews / name;
  write_png(path, preview_pair(grid_or_one(now.step.prev_sample, wishes_.columns), step,
                               grid_or_one(now.step.pred_original_sample, wishes_.columns),
                               "Predicted x0"));
  files_.push_back(path.string());
}

std::vector<std::string> SampleWatcher::finish(const std::vector<double>& timesteps) {
  if (!wishes_.trace.empty()) {
    trace_.set("timesteps", timesteps_tensor(timesteps));
    write_safetensors(wishes_.trace, trace_);
    files_.push_back(wishes_.trace.string());
  }
  return files_;
}

}  // namespace mezzotint::cli
