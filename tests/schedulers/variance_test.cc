#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/schedulers/ddim.h"
#include "mezzotint/schedulers/ddpm.h"

namespace mezzotint {
namespace {

AlphaBars bars(int64_t now, int64_t next) {
  static const Tensor abar = make_alphas_cumprod(make_betas({}));
  return {abar[now], next < 0 ? at::ones({}) : abar[next]};
}

double ddpm_variance(const std::string& type, int64_t t, const Tensor& predicted = {}) {
  return ddpm_standard_deviation(type, bars(t, t - 1), predicted).pow(2).item<double>();
}

// test_variance of diffusers' tests/schedulers/test_scheduler_ddpm.py and test_scheduler_ddim.py.
TEST(Variance, NumbersOfDiffusers) {
  EXPECT_NEAR(ddpm_variance("fixed_small", 0), 0.0, 1e-5);
  EXPECT_NEAR(ddpm_variance("fixed_small", 487), 0.00979, 1e-5);
  EXPECT_NEAR(ddpm_variance("fixed_small", 999), 0.02, 1e-5);
  EXPECT_NEAR(ddim_variance(bars(420, 400)).item<float>(), 0.14771, 1e-5);
  EXPECT_NEAR(ddim_variance(bars(980, 960)).item<float>(), 0.32460, 1e-5);
  EXPECT_NEAR(ddim_variance(bars(487, 486)).item<float>(), 0.00979, 1e-5);
  EXPECT_NEAR(ddim_variance(bars(999, 998)).item<float>(), 0.02, 1e-5);
  EXPECT_EQ(ddim_variance(bars(0, 0)).item<float>(), 0.0f);
}

TEST(Variance, LargeIsBetaAndLogarithmsChangeNothing) {
  const double beta = 0.0001 + (0.02 - 0.0001) * 487 / 999;
  EXPECT_NEAR(ddpm_variance("fixed_large", 487), beta, 1e-6);
  EXPECT_NEAR(ddpm_variance("fixed_large_log", 487), beta, 1e-6);  // NaN in diffusers
  EXPECT_NEAR(ddpm_variance("fixed_small_log", 487), ddpm_variance("fixed_small", 487), 1e-7);
}

TEST(Variance, LearnedRangeGoesFromSmallToLarge) {
  EXPECT_NEAR(ddpm_variance("learned_range", 20, at::tensor(-1.0f)),
              ddpm_variance("fixed_small", 20), 1e-8);
  EXPECT_NEAR(ddpm_variance("learned_range", 20, at::tensor(1.0f)),
              ddpm_variance("fixed_large", 20), 1e-8);
  const double middle = ddpm_variance("learned_range", 20, at::tensor(0.0f));
  EXPECT_NEAR(middle,
              std::sqrt(ddpm_variance("fixed_small", 20) * ddpm_variance("fixed_large", 20)), 1e-8);
  EXPECT_NEAR(ddpm_variance("learned", 20, at::tensor(0.25f)), 0.25, 1e-7);
}

}  // namespace
}  // namespace mezzotint
