#pragma once

#include <string>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// What the network's output means, and how the clean sample that follows from it is kept in range:
/// keys that DDPM, DDIM and others share.
struct PredictionConfig {
  std::string prediction_type = "epsilon";
  bool clip_sample = true;
  double clip_sample_range = 1.0;
  bool thresholding = false;
  double dynamic_thresholding_ratio = 0.995;
  double sample_max_value = 1.0;

  void fields(auto& f) {
    f("prediction_type", prediction_type, "what the model predicts",
      {"epsilon", "sample", "v_prediction"});
    f("clip_sample", clip_sample, "clamp x0 to +-clip_sample_range");
    f("clip_sample_range", clip_sample_range, "bound of x0, in model units");
    f("thresholding", thresholding, "dynamic thresholding of x0, in place of clamping");
    f("dynamic_thresholding_ratio", dynamic_thresholding_ratio, "quantile of |x0| to clamp to");
    f("sample_max_value", sample_max_value, "largest value that the quantile may take");
  }
  /// @throws Error when a number is out of range.
  void check() const;
};

/// The clean sample and the noise that a network's output stands for, out of x = sqrt(abar) x0 +
/// sqrt(1 - abar) eps. (Ho et al. 2020, equation 15; v: Salimans & Ho 2022, arXiv:2202.00512,
/// appendix D.) Neither is bounded.
/// @param abar alpha-bar of the sample's timestep: a float32 tensor without dimensions.
Tensor predict_x0(const PredictionConfig& config, const Tensor& output, const Tensor& sample,
                  const Tensor& abar);
Tensor predict_eps(const PredictionConfig& config, const Tensor& output, const Tensor& sample,
                   const Tensor& abar);

/// x0 clamped to +-clip_sample_range or thresholded, as the configuration asks; else x0 itself.
/// Thresholding (Saharia et al. 2022, arXiv:2205.11487, section 2.3): s = the quantile of an
/// image's |x0|, kept in [1, sample_max_value]; x0 is clamped to +-s and divided by s. @param x0
/// [B, C, ...].
Tensor bound_x0(const PredictionConfig& config, const Tensor& x0);

}  // namespace mezzotint
