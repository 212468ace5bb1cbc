#include "mezzotint/ops/group_norm.h"

#include <array>

#include <ATen/ops/group_norm.h>
#include <ATen/ops/silu.h>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

struct Case {
  std::array<int64_t, 4> x;
  int64_t groups;
  bool silu;
  double mean;
};

/// Output and gradients of sum(norm(x) * r) for a fixed r.
std::array<Tensor, 4> run(const Case& c, bool ours) {
  RandomStream stream(1);
  const auto layout = at::MemoryFormat::ChannelsLast;
  Tensor x = (stream.randn(c.x) * 2 + c.mean).contiguous(layout).requires_grad_();
  Tensor weight = stream.randn({c.x[1]}).requires_grad_(),
         bias = stream.randn({c.x[1]}).requires_grad_();
  Tensor y;
  if (ours) {
    y = ops::group_norm(x, c.groups, weight, bias, 1e-5, c.silu);
  } else {
    y = at::group_norm(x.to(at::kDouble), c.groups, weight.to(at::kDouble), bias.to(at::kDouble),
                       1e-5);
    if (c.silu) y = at::silu(y);
  }
  (y * stream.randn(c.x)).sum().backward();
  return {y, x.grad(), weight.grad(), bias.grad()};
}

TEST(GroupNorm, EqualsLibTorchInDoubleOnEveryTarget) {
  const Case cases[] = {{{4, 32, 5, 7}, 32, true, 0},   {{3, 48, 8, 8}, 4, true, 3},
                        {{2, 19, 4, 4}, 19, false, -1}, {{2, 64, 20, 20}, 8, false, 0},
                        {{2, 12, 1, 1}, 3, true, 1},    {{2, 32, 6, 6}, 8, true, 300}};
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    for (const Case& c : cases) {
      SCOPED_TRACE(testing::Message()
                   << hwy::TargetName(target) << ": " << c.x[1] << " channels, mean " << c.mean);
      const auto got = run(c, true), wanted = run(c, false);
      const double tolerance = c.mean > 100 ? 1e-4 : 1e-5;  // x itself is rounded to 300 * 2^-24
      for (size_t i = 0; i < got.size(); ++i) {
        const double error = (got[i] - wanted[i]).abs().max().item<double>();
        EXPECT_LT(error, tolerance * wanted[i].abs().max().item<double>()) << "tensor " << i;
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(GroupNorm, OtherLayoutsTakeLibTorch) {
  RandomStream stream(2);
  const Tensor x = stream.randn({2, 8, 4, 4}), weight = stream.randn({8}), bias = stream.randn({8});
  const Tensor wanted = at::silu(at::group_norm(x, 2, weight, bias, 1e-5));
  EXPECT_TRUE(ops::group_norm(x, 2, weight, bias, 1e-5, true).equal(wanted));
}

}  // namespace
}  // namespace mezzotint
