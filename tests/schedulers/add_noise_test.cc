#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/schedulers/noise_schedule.h"
#include "mezzotint/schedulers/scheduler.h"

#include "tests/schedulers/reference.h"

namespace mezzotint {
namespace {

const Tensor kAbar = make_alphas_cumprod(make_betas({}));

TEST(AddNoise, MixesEachImageAtItsTimestep) {
  RandomStream stream(0);
  const Tensor x0 = stream.randn({3, 2, 4, 4});
  const Tensor noise = stream.randn({3, 2, 4, 4});
  const Tensor noisy = add_noise(kAbar, x0, noise, at::tensor({0, 500, 999}));
  const Tensor v = velocity(kAbar, x0, noise, at::tensor({0, 500, 999}));
  for (const int64_t i : {0, 1, 2}) {
    const double abar = kAbar[std::vector<int64_t>{0, 500, 999}[i]].item<float>();
    const double signal = std::sqrt(abar), rest = std::sqrt(1 - abar);
    const Tensor mixed = signal * x0[i] + rest * noise[i];
    EXPECT_LT((noisy[i] - mixed).abs().max().item<float>(), 1e-6);
    EXPECT_LT((v[i] - (signal * noise[i] - rest * x0[i])).abs().max().item<float>(), 1e-6);
  }
}

// diffusers' own test of add_noise: tests/schedulers/test_scheduler_ddim.py holds no number for it,
// but the forward process keeps unit variance for unit data and noise.
TEST(AddNoise, KeepsUnitVariance) {
  RandomStream stream(1);
  const Tensor noisy = add_noise(kAbar, stream.randn({1, 1, 200, 200}),
                                 stream.randn({1, 1, 200, 200}), at::tensor({300}));
  EXPECT_NEAR(noisy.var().item<float>(), 1.0, 0.02);
}

std::string error_of(const Tensor& x0, const Tensor& noise, const Tensor& t) {
  try {
    add_noise(kAbar, x0, noise, t);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(AddNoise, SaysWhatIsWrong) {
  RandomStream stream(0);
  const Tensor x0 = stream.randn({2, 1, 4, 4});
  EXPECT_EQ(error_of(x0, stream.randn({2, 1, 4, 5}), at::tensor({1, 2})),
            "add_noise: x0 is [2, 1, 4, 4], noise is [2, 1, 4, 5], wanted the same shape");
  EXPECT_EQ(error_of(x0, x0, at::tensor({1, 2, 3})),
            "add_noise: timesteps are [3], wanted one for each image of [2, 1, 4, 4]");
}

}  // namespace
}  // namespace mezzotint
