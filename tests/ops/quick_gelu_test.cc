#include "mezzotint/ops/quick_gelu.h"

#include <ATen/ops/linspace.h>
#include <ATen/ops/sigmoid.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint {
namespace {

/// y and the gradient of sum(y * r) for a fixed r.
std::pair<Tensor, Tensor> result(const Tensor& x, Tensor (*function)(const Tensor&)) {
  const Tensor leaf = x.detach().clone().requires_grad_(true), y = function(leaf);
  (y * RandomStream(1).randn(x.sizes()).to(x.scalar_type())).sum().backward();
  return {y.detach(), leaf.grad()};
}

Tensor definition(const Tensor& x) { return x * at::sigmoid(1.702 * x); }

void expect_like_double(const Tensor& x) {
  const auto [y, grad] = result(x, &ops::quick_gelu);
  const auto [wanted_y, wanted_grad] = result(x.to(at::kDouble), &definition);
  EXPECT_EQ(y.sizes(), x.sizes());
  EXPECT_LT(((y - wanted_y).abs() / x.abs().clamp_min(1)).max().item<double>(), 5e-7);
  EXPECT_LT((grad - wanted_grad).abs().max().item<double>(), 3e-6);
}

TEST(QuickGelu, EqualsItsDefinitionInDoubleForwardAndBackward) {
  for (const double most : {1.0, 20.0, 400.0}) expect_like_double(at::linspace(-most, most, 40001));
  for (const int64_t size : {1, 7, 17, 63}) expect_like_double(RandomStream(2).randn({size, 3}));
  expect_like_double(RandomStream(3).randn({5, 12}).t());  // not contiguous
  EXPECT_EQ(ops::quick_gelu(RandomStream(3).randn({0, 4})).sizes(), IntArrayRef({0, 4}));
}

TEST(QuickGelu, TheReferenceEngineIsLibTorch) {
  const ops::EngineGuard guard(ops::Engine::kReference);
  const Tensor x = RandomStream(4).randn({9});
  EXPECT_TRUE(ops::quick_gelu(x).equal(definition(x)));
}

}  // namespace
}  // namespace mezzotint
