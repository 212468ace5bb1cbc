// Expected values come from diffusers 0.42.1: tools/reference/unet_2d.py writes them and says what
// they are.

#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>

#include <gtest/gtest.h>

#include "mezzotint/models/unet_2d.h"

#include "tests/models/fixture.h"

namespace mezzotint {
namespace {

using testing::read_json_fixture;
using testing::read_tensor_fixture;
using testing::relative_difference;

constexpr double kOutputTolerance = 1e-4;
constexpr double kGradientTolerance = 1e-3;
constexpr double kEpsilon = 1.2e-7;  // of float32
constexpr int kProjections = 6;

const nlohmann::json& fixtures() {
  static const nlohmann::json all = read_json_fixture("unet_2d.json");
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, about] : fixtures().items()) all.push_back(name);
  return all;
}

Tensor count_up(int64_t n) { return at::arange(n, at::TensorOptions().dtype(at::kDouble)); }

/// Norms and biases start as zeros and ones, which would hide mistakes.
void move_vectors(const Weights& parameters) {
  int64_t k = 0;
  for (const auto& [key, tensor] : parameters) {
    if (tensor.dim() == 1) Tensor(tensor).add_((count_up(tensor.numel()) + k).sin() * 0.25);
    ++k;
  }
}

/// Norm and projections of a gradient (zeros where there is none).
Tensor digest(const Tensor& gradient) {
  if (!gradient.defined()) return count_up(kProjections + 1) * 0;
  const Tensor g = gradient.to(at::kDouble).flatten();
  const Tensor i = count_up(g.numel());
  std::vector<Tensor> parts = {g.norm()};
  for (int j = 0; j < kProjections; ++j)
    parts.push_back((g * std::sqrt(2.0) * (i * (0.37 * (j + 1)) + j).cos()).sum());
  return at::stack(parts);
}

class UNet2DParity : public ::testing::TestWithParam<std::string> {
 protected:
  const nlohmann::json& about = fixtures().at(GetParam());
  Weights expected = read_tensor_fixture("unet_2d.safetensors", GetParam());
  UNet2DModel model{about.at("arguments"), RandomStream(about.at("seed").get<uint64_t>())};
};

TEST_P(UNet2DParity, KeysAreThoseOfTheStateDict) {
  EXPECT_EQ(model.parameters().keys(), about.at("keys").get<std::vector<std::string>>());
}

TEST_P(UNet2DParity, OneSeedGivesTheSameWeights) {
  int64_t k = 0;
  for (const auto& [key, tensor] : model.parameters()) {
    SCOPED_TRACE(key);
    const Tensor flat = tensor.flatten().to(at::kDouble);
    const Tensor init = expected.at("init")[k++];
    EXPECT_FLOAT_EQ(flat[0].item().toDouble(), init[0].item().toDouble());
    EXPECT_FLOAT_EQ(flat[-1].item().toDouble(), init[1].item().toDouble());
    EXPECT_NEAR(flat.sum().item().toDouble(), init[2].item().toDouble(), 1e-6 * tensor.numel());
  }
}

TEST_P(UNet2DParity, ConfigurationIsSavedAsDiffusersSavesIt) {
  EXPECT_EQ(model.config().dump(2), about.at("saved").dump(2));
}

TEST_P(UNet2DParity, OutputAndGradients) {
  move_vectors(model.parameters());
  for (const auto& [key, tensor] : model.parameters()) Tensor(tensor).set_requires_grad(true);
  const Tensor x = expected.at("x").requires_grad_(true);
  const Tensor y = model.forward(x, expected.at("t"), expected.find("labels"));
  EXPECT_EQ(y.sizes(), expected.at("y").sizes());
  EXPECT_LE(relative_difference(y, expected.at("y")), kOutputTolerance);

  (y * expected.at("v")).sum().backward();
  EXPECT_LE(relative_difference(x.grad(), expected.at("grad_x")), kGradientTolerance);
  const double whole = expected.at("gradients").select(1, 0).norm().item().toDouble();
  int64_t k = 0;
  for (const auto& [key, tensor] : model.parameters()) {
    SCOPED_TRACE(key);
    const Tensor wanted = expected.at("gradients")[k++];
    // Some gradients are zero but for rounding: a constant before a norm of single channels, a bias
    // of a key.
    const double tolerance =
        std::max(kGradientTolerance * wanted[0].item().toDouble(), kEpsilon * whole);
    EXPECT_LE((digest(tensor.grad()) - wanted).abs().max().item().toDouble(), tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Diffusers, UNet2DParity, ::testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace mezzotint
