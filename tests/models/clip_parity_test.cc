// Expected values come from transformers 5.24: tools/reference/clip.py writes them and says what
// they are.

#include <algorithm>
#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>

#include <gtest/gtest.h>

#include "mezzotint/models/clip_model.h"
#include "mezzotint/ops/engine.h"

#include "tests/models/fixture.h"

namespace mezzotint {
namespace {

using testing::read_json_fixture;
using testing::read_tensor_fixture;
using testing::relative_difference;

constexpr double kTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4;
constexpr double kEpsilon = 1.2e-7;  // of float32
constexpr int kProjections = 6;

const nlohmann::json& fixtures() {
  static const nlohmann::json all = read_json_fixture("clip.json");
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, about] : fixtures().items()) all.push_back(name);
  return all;
}

/// The parameter `key` as the script draws it.
Tensor drawn(const std::string& key, IntArrayRef shape, RandomStream& stream) {
  const Tensor random = stream.randn(shape);
  if (key.ends_with(".bias")) return random * 0.1;
  if (key.find("norm") != std::string::npos || key.find("layrnorm") != std::string::npos)
    return random * 0.2 + 1;
  const int64_t row = random.dim() > 1 ? random.numel() / random.size(0) : random.numel();
  return random / std::sqrt(static_cast<double>(row));
}

Weights checkpoint(const nlohmann::json& about) {
  RandomStream stream(about.at("seed").get<uint64_t>());
  Weights weights = CLIPModel(about.at("config"), RandomStream(0)).parameters();
  for (const auto& [key, tensor] : Weights(weights))
    if (key != "logit_scale") weights.set(key, drawn(key, tensor.sizes(), stream));
  return weights;
}

Tensor count_up(int64_t n) { return at::arange(n, at::TensorOptions().dtype(at::kDouble)); }

/// Norm and projections of a gradient (zeros where there is none).
Tensor digest(const Tensor& gradient) {
  if (!gradient.defined()) return count_up(kProjections + 1) * 0;
  const Tensor g = gradient.to(at::kDouble).flatten(), i = count_up(g.numel());
  std::vector<Tensor> parts = {g.norm()};
  for (int j = 0; j < kProjections; ++j)
    parts.push_back((g * std::sqrt(2.0) * (i * (0.37 * (j + 1)) + j).cos()).sum());
  return at::stack(parts);
}

class CLIPParity : public ::testing::TestWithParam<std::string> {
 protected:
  void expect_like_transformers() {
    for (const auto& [key, tensor] : model.parameters()) Tensor(tensor).set_requires_grad(true);
    const Tensor pixels = expected.at("pixels").clone().requires_grad_(true);
    const Tensor image = model.image_embeds(pixels), text = model.text_embeds(expected.at("ids"));
    EXPECT_EQ(image.sizes(), expected.at("image_embeds").sizes());
    EXPECT_EQ(text.sizes(), expected.at("text_embeds").sizes());
    EXPECT_LE(relative_difference(image, expected.at("image_embeds")), kTolerance);
    EXPECT_LE(relative_difference(text, expected.at("text_embeds")), kTolerance);

    ((image * expected.at("v_image")).sum() + (text * expected.at("v_text")).sum()).backward();
    EXPECT_LE(relative_difference(pixels.grad(), expected.at("grad_pixels")), kGradientTolerance);
    const double whole = expected.at("gradients").select(1, 0).norm().item().toDouble();
    int64_t k = 0;
    for (const auto& [key, tensor] : model.parameters()) {
      SCOPED_TRACE(key);
      const Tensor wanted = expected.at("gradients")[k++];
      // That of a key's bias is zero but for rounding.
      const double tolerance =
          std::max(kGradientTolerance * wanted[0].item().toDouble(), kEpsilon * whole);
      EXPECT_LE((digest(tensor.grad()) - wanted).abs().max().item().toDouble(), tolerance);
    }
  }

  const nlohmann::json& about = fixtures().at(GetParam());
  Weights expected = read_tensor_fixture("clip.safetensors", GetParam());
  CLIPModel model{about.at("config"), checkpoint(about)};
};

TEST_P(CLIPParity, KeysAreThoseOfTheStateDict) {
  EXPECT_EQ(model.parameters().keys(), about.at("keys").get<std::vector<std::string>>());
  EXPECT_EQ(CLIPModel::parameter_shapes(about.at("config")).keys(), model.parameters().keys());
}

TEST_P(CLIPParity, AConfigurationOfTransformersHasNoUnknownKeys) {
  EXPECT_EQ(model.unknown_keys(), std::vector<std::string>());
  for (const auto& [key, value] : about.at("config").items())
    EXPECT_EQ(model.config().at(key), value) << key;
}

TEST_P(CLIPParity, EmbeddingsAndGradients) { expect_like_transformers(); }

TEST_P(CLIPParity, EmbeddingsAndGradientsByLibTorchAlone) {
  const ops::EngineGuard guard(ops::Engine::kReference);
  expect_like_transformers();
}

INSTANTIATE_TEST_SUITE_P(Transformers, CLIPParity, ::testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace mezzotint
