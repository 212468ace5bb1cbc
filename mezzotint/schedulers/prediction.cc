#include "mezzotint/schedulers/prediction.h"

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

Tensor threshold(const PredictionConfig& config, const Tensor& x0) {
  const bool wide = x0.scalar_type() == at::kFloat || x0.scalar_type() == at::kDouble;
  const Tensor flat = (wide ? x0 : x0.to(at::kFloat)).reshape({x0.size(0), -1});
  const Tensor s = flat.abs()
                       .quantile(config.dynamic_thresholding_ratio, 1)
                       .clamp(1, config.sample_max_value)
                       .unsqueeze(1);
  return (flat.clamp(-s, s) / s).reshape(x0.sizes()).to(x0.scalar_type());
}

}  // namespace

void PredictionConfig::check() const {
  MEZZO_CHECK(clip_sample_range > 0, "scheduler: clip_sample_range is ", clip_sample_range,
              ", wanted more than 0");
  MEZZO_CHECK(dynamic_thresholding_ratio >= 0 && dynamic_thresholding_ratio <= 1,
              "scheduler: dynamic_thresholding_ratio is ", dynamic_thresholding_ratio,
              ", wanted 0 to 1");
}

Tensor predict_x0(const PredictionConfig& config, const Tensor& output, const Tensor& sample,
                  const Tensor& abar) {
  if (config.prediction_type == "epsilon")
    return (sample - (1 - abar).pow(0.5) * output) / abar.pow(0.5);
  if (config.prediction_type == "sample") return output;
  return abar.pow(0.5) * sample - (1 - abar).pow(0.5) * output;
}

Tensor predict_eps(const PredictionConfig& config, const Tensor& output, const Tensor& sample,
                   const Tensor& abar) {
  if (config.prediction_type == "epsilon") return output;
  if (config.prediction_type == "sample")
    return (sample - abar.pow(0.5) * output) / (1 - abar).pow(0.5);
  return abar.pow(0.5) * output + (1 - abar).pow(0.5) * sample;
}

Tensor bound_x0(const PredictionConfig& config, const Tensor& x0) {
  if (config.thresholding) return threshold(config, x0);
  if (config.clip_sample) return x0.clamp(-config.clip_sample_range, config.clip_sample_range);
  return x0;
}

}  // namespace mezzotint
