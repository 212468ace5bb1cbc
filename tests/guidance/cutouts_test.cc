// Reference draws and cutouts: tools/reference/guidance.py, by torchvision.
#include "mezzotint/guidance/cutouts.h"

#include <fstream>

#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"

#include "tests/tensor_fixture.h"

namespace mezzotint {
namespace {

nlohmann::json draws() {
  std::ifstream file(std::string(MEZZOTINT_TEST_DATA) + "/guidance/data/cutouts.json");
  return nlohmann::json::parse(file);
}

Cutout cutout_of(const nlohmann::json& json) {
  return {json.at("top"),   json.at("left"),    json.at("height"),
          json.at("width"), json.at("degrees"), json.at("flip")};
}

TEST(Cutouts, AreDrawnAsTorchvisionDrawsThem) {
  const nlohmann::json wanted = draws();
  ASSERT_EQ(wanted.size(), 6u);
  for (size_t seed = 0; seed < wanted.size(); ++seed) {
    SCOPED_TRACE(seed);
    RandomStream stream(seed);
    const Cutout got = draw_cutout({}, 20, 28, stream), expected = cutout_of(wanted[seed]);
    EXPECT_EQ(got.top, expected.top);
    EXPECT_EQ(got.left, expected.left);
    EXPECT_EQ(got.height, expected.height);
    EXPECT_EQ(got.width, expected.width);
    EXPECT_NEAR(got.degrees, expected.degrees, 1e-6);
    EXPECT_EQ(got.flip, expected.flip);
  }
}

TEST(Cutouts, AreCutAsTorchvisionCutsThem) {
  const Weights found = testing::read_tensors("guidance/data/cutouts.safetensors");
  const nlohmann::json wanted = draws();
  for (size_t seed = 0; seed < wanted.size(); ++seed) {
    SCOPED_TRACE(seed);
    const Tensor x = found.at("picture").clone().requires_grad_();
    const Tensor y = cut_out(x, cutout_of(wanted[seed]), 16);
    const std::string of = std::to_string(seed);
    EXPECT_LE((y - found.at("cutout." + of)).abs().max().item<double>(), 2e-6);
    const Tensor gradient = torch::autograd::grad({(y * found.at("weights." + of)).sum()}, {x})[0];
    EXPECT_LE((gradient - found.at("gradient." + of)).abs().max().item<double>(), 5e-6);
  }
}

TEST(Cutouts, FallBackToTheMiddle) {
  RandomStream stream(0);
  const CutoutConfig tall{.min_area = 1, .max_area = 1, .min_ratio = 4, .max_ratio = 5};
  const Cutout cutout = draw_cutout(tall, 20, 20, stream);
  EXPECT_EQ(cutout.height, 5);
  EXPECT_EQ(cutout.width, 20);
  EXPECT_EQ(cutout.top, 7);
}

TEST(Cutouts, RefuseWhatReachesOut) {
  const Tensor x = RandomStream(0).randn({1, 3, 8, 8});
  EXPECT_THROW(cut_out(x, {.top = 4, .left = 0, .height = 5, .width = 8}, 8), Error);
  EXPECT_THROW(check(CutoutConfig{.min_area = 0}), Error);
  EXPECT_THROW(check(CutoutConfig{.flip = 2}), Error);
  EXPECT_THROW(check(CutoutConfig{.degrees = -1}), Error);
}

}  // namespace
}  // namespace mezzotint
