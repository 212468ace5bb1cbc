#include "mezzotint/training/objective.h"

#include <string>
#include <vector>

#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

/// Signal to noise 99, 4, 1 and 1/9.
Objective objective(const std::string& prediction_type) {
  return {at::tensor({0.99F, 0.8F, 0.5F, 0.1F}), prediction_type};
}

Tensor all_timesteps() { return at::tensor({0, 1, 2, 3}, at::kLong); }

void expect_weights(const std::string& prediction_type, const std::vector<double>& wanted) {
  const Tensor got = snr_weights(objective(prediction_type), 3, all_timesteps());
  for (int64_t t = 0; t < 4; ++t)
    EXPECT_NEAR(got[t].item<double>(), wanted.at(static_cast<size_t>(t)), 1e-5)
        << prediction_type << ", timestep " << t;
}

TEST(SnrWeights, AreThoseOfThePaper) {
  expect_weights("epsilon", {3.0 / 99, 3.0 / 4, 1, 1});
  expect_weights("sample", {3, 3, 1, 1.0 / 9});
  expect_weights("v_prediction", {3.0 / 100, 3.0 / 5, 1.0 / 2, (1.0 / 9) / (10.0 / 9)});
  EXPECT_THROW(snr_weights(objective("score"), 3, all_timesteps()), Error);
}

TEST(SnrWeights, AreFiniteWithoutSignal) {
  for (const char* prediction_type : {"epsilon", "sample", "v_prediction"}) {
    Objective none = objective(prediction_type);
    none.alphas_cumprod = at::tensor({0.5F, 0.0F});
    const double weight = snr_weights(none, 5, at::tensor({1}, at::kLong)).item<double>();
    EXPECT_EQ(weight, std::string(prediction_type) == "epsilon" ? 1 : 0) << prediction_type;
  }
}

TEST(DenoisingErrors, AddOtherNoiseThanIsToBeFound) {
  const Tensor x0 = RandomStream(1).randn({4, 1, 2, 2}),
               noise = RandomStream(2).randn({4, 1, 2, 2}),
               seen = RandomStream(3).randn({4, 1, 2, 2});
  const Tensor abar = objective("epsilon").alphas_cumprod.view({4, 1, 1, 1});
  const Predict predict = [](const Tensor& x_bchw, const Tensor&) { return x_bchw; };
  const Tensor got =
      denoising_errors(objective("epsilon"), predict, {x0, noise, all_timesteps(), seen});
  const Tensor wanted =
      (abar.sqrt() * x0 + (1 - abar).sqrt() * seen - noise).square().mean({1, 2, 3});
  EXPECT_LE((got - wanted).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace mezzotint
