#include "mezzotint/schedulers/noise_schedule.h"

#include <cmath>
#include <functional>
#include <numbers>

#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tensor.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

constexpr int64_t kMostTimesteps = 1'000'000;
constexpr double kLargestBeta =
    0.999;  // keeps 1 - beta away from 0, where the cosine would reach it

Tensor linspace(double first, double last, int64_t count) {
  return at::linspace(first, last, count, at::kFloat);
}

double cosine_alpha_bar(double t) {
  const double c = std::cos((t + 0.008) / 1.008 * std::numbers::pi / 2);
  return c * c;
}

double laplace_alpha_bar(double t) {
  const double log_snr =
      -0.5 * std::copysign(1.0, 0.5 - t) * std::log(1 - 2 * std::fabs(0.5 - t) + 1e-6);
  const double snr = std::exp(log_snr);
  return std::sqrt(snr / (1 + snr));
}

Tensor betas_for_alpha_bar(int64_t count, const std::function<double(double)>& alpha_bar) {
  std::vector<float> betas;
  for (int64_t i = 0; i < count; ++i) {
    const double now = static_cast<double>(i) / static_cast<double>(count);
    const double next = static_cast<double>(i + 1) / static_cast<double>(count);
    betas.push_back(
        static_cast<float>(std::min(1 - alpha_bar(next) / alpha_bar(now), kLargestBeta)));
  }
  return at::tensor(betas);
}

Tensor given_betas(const std::vector<double>& values, int64_t count) {
  MEZZO_CHECK(static_cast<int64_t>(values.size()) == count, "scheduler: trained_betas has ",
              counted(values.size(), "value"), ", wanted num_train_timesteps = ", count);
  return at::tensor(std::vector<float>(values.begin(), values.end()));
}

Tensor betas_by_formula(const NoiseScheduleConfig& config) {
  const int64_t count = config.num_train_timesteps;
  if (config.beta_schedule == "linear") return linspace(config.beta_start, config.beta_end, count);
  if (config.beta_schedule == "scaled_linear") {
    const Tensor roots =
        linspace(std::pow(config.beta_start, 0.5), std::pow(config.beta_end, 0.5), count);
    return roots.pow(2);
  }
  if (config.beta_schedule == "squaredcos_cap_v2")
    return betas_for_alpha_bar(count, cosine_alpha_bar);
  if (config.beta_schedule == "laplace") return betas_for_alpha_bar(count, laplace_alpha_bar);
  if (config.beta_schedule == "sigmoid")
    return at::sigmoid(linspace(-6, 6, count)) * (config.beta_end - config.beta_start) +
           config.beta_start;
  fail("scheduler: unknown beta_schedule '", config.beta_schedule, "'");
}

/// Shifts sqrt(abar) to 0 at the last timestep and scales it back to its old value at the first.
Tensor with_zero_terminal_snr(const Tensor& betas) {
  Tensor root = (1.0 - betas).cumprod(0).sqrt();
  const Tensor first = root[0].clone();
  const Tensor last = root[-1].clone();
  root -= last;
  root *= first / (first - last);
  const Tensor abar = root.pow(2);
  const Tensor ratios = abar.slice(0, 1) / abar.slice(0, 0, -1);
  return 1 - at::cat({abar.slice(0, 0, 1), ratios});
}

}  // namespace

Tensor make_betas(const NoiseScheduleConfig& config) {
  const int64_t count = config.num_train_timesteps;
  MEZZO_CHECK(count >= 1 && count <= kMostTimesteps, "scheduler: num_train_timesteps is ", count,
              ", wanted 1 to ", kMostTimesteps);
  Tensor betas =
      config.trained_betas ? given_betas(*config.trained_betas, count) : betas_by_formula(config);
  if (config.rescale_betas_zero_snr) betas = with_zero_terminal_snr(betas);
  MEZZO_CHECK(betas.ge(0).logical_and(betas.le(1)).all().item<bool>(),
              "scheduler: betas leave [0, 1]; check beta_start ", config.beta_start, ", beta_end ",
              config.beta_end, ", trained_betas and rescale_betas_zero_snr");
  return betas;
}

Tensor make_alphas_cumprod(const Tensor& betas) { return (1.0 - betas).cumprod(0); }

}  // namespace mezzotint
