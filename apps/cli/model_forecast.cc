#include "apps/cli/model_forecast.h"

#include <chrono>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/random.h"
#include "mezzotint/pipelines/cost.h"
#include "mezzotint/training/slices.h"

namespace mezzotint::cli {
namespace {

/// A picture whose forward pass takes more operations than this is timed at a smaller size.
constexpr double kQuick = 20e9;
constexpr double kTimedSeconds = 0.3;
/// A backward pass takes about two forward passes.
constexpr double kTrainingFactor = 3;

struct Size {
  int64_t height;
  int64_t width;
};

/// `full`, halved until the network is quick on it; always a size that the network takes.
Size quick_size(const UNet2DModel& unet, Size full) {
  const int64_t multiple = unet.size_multiple();
  const auto halves = [&](int64_t length) { return length % (2 * multiple) == 0; };
  while (forward_flops(unet, full.height, full.width) > kQuick && halves(full.height) &&
         halves(full.width))
    full = {full.height / 2, full.width / 2};
  return full;
}

/// Operations a second of the network on one picture of this size.
double measured_rate(const Pipeline& pipeline, Size size, c10::Device device) {
  const c10::NoGradGuard no_gradients;
  const Tensor x =
      RandomStream(0).randn({1, pipeline.image_channels(), size.height, size.width}).to(device);
  const auto whole = x.options().dtype(at::kLong);
  const Tensor t = at::full({1}, 500, whole);
  const Predict predict =
      pipeline.predict(pipeline.class_count() > 0 ? at::zeros({1}, whole) : Tensor());
  const auto call = [&] { predict(x, t).sum().item<float>(); };
  call();  // allocates, and lets kernels choose
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  double seconds = 0;
  int calls = 0;
  for (; seconds < kTimedSeconds; ++calls) {
    call();
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return forward_flops(*pipeline.unet, size.height, size.width) * calls / seconds;
}

}  // namespace

nlohmann::json forecast(const Pipeline& pipeline, const ForecastRequest& request,
                        c10::Device device) {
  const UNet2DModel& unet = *pipeline.unet;
  const double flops = forward_flops(unet, request.height, request.width);
  const int64_t slices = slices_of(unet, request.batch, request.height, request.width);
  const auto training = [&](bool checkpointing) {
    return training_memory(unet, pictures_at_once(request.batch, slices), request.height,
                           request.width, {.gradient_checkpointing = checkpointing});
  };
  nlohmann::json found = {
      {"batch", request.batch},
      {"height", request.height},
      {"width", request.width},
      {"flops_per_picture", flops},
      {"sampling_mb", sampling_memory(unet, request.batch, request.height, request.width) / 1e6},
      {"training_mb", training(false) / 1e6},
      {"training_checkpointed_mb", training(true) / 1e6}};
  if (!request.timing) return found;
  const Size size = quick_size(unet, {request.height, request.width});
  const double rate = measured_rate(pipeline, size, device);
  const double step = flops * static_cast<double>(request.batch) / rate;
  const int64_t steps = pipeline.default_steps();
  found.update({{"measured_gflops", rate / 1e9},
                {"measured_at", {size.height, size.width}},
                {"seconds_per_step", step},
                {"steps", steps},
                {"seconds", step * static_cast<double>(steps)},
                {"seconds_per_update", kTrainingFactor * step}});
  return found;
}

}  // namespace mezzotint::cli
