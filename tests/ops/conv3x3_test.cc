#include "mezzotint/ops/conv3x3.h"

#include <array>

#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint::ops {
namespace {

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

struct Case {
  int64_t batch, first, second, height, width, out;
  int64_t groups;  ///< 0: no norm
  bool silu, doubled, bias, image_bias, addend;
  double mean = 0;  ///< of x, whose spread is 1
};

std::ostream& operator<<(std::ostream& to, const Case& c) {
  return to << c.batch << " x (" << c.first << " + " << c.second << ") -> " << c.out << " at "
            << c.height << " x " << c.width << ", groups " << c.groups << ", silu " << c.silu
            << ", doubled " << c.doubled << ", biases " << c.bias << c.image_bias << ", addend "
            << c.addend << ", mean " << c.mean;
}

/// The arguments of a convolution, all of which want a gradient.
std::vector<Tensor> arguments(const Case& c) {
  RandomStream stream(7);
  const auto leaf = [](const Tensor& x) { return x.detach().requires_grad_(); };
  const int64_t channels = c.first + c.second, factor = c.doubled ? 2 : 1;
  const auto part = [&](int64_t count) {
    if (count == 0) return Tensor();
    return leaf((stream.randn({c.batch, count, c.height, c.width}) + c.mean).contiguous(kLayout));
  };
  const Tensor x0 = part(c.first), x1 = part(c.second);
  const auto optional = [&](bool wanted, at::IntArrayRef sizes) {
    return wanted ? leaf(stream.randn(sizes)) : Tensor();
  };
  return {x0,
          x1,
          optional(c.groups > 0, {channels}),
          optional(c.groups > 0, {channels}),
          leaf(stream.randn({c.out, channels, 3, 3}) * 0.1),
          optional(c.bias, {c.out}),
          optional(c.image_bias, {c.batch, c.out}),
          optional(c.addend, {c.batch, c.out, c.height * factor, c.width * factor})};
}

Conv3x3 work_of(const Case& c, const std::vector<Tensor>& a) {
  Conv3x3 work;
  work.parts = a[1].defined() ? std::vector{a[0], a[1]} : std::vector{a[0]};
  if (c.groups > 0) work.norm = Norm{a[2], a[3], c.groups, 1e-5, c.silu};
  work.doubled = c.doubled;
  work.weight = a[4];
  work.bias = a[5];
  work.image_bias_bk = a[6];
  work.addend_bchw = a[7];
  return work;
}

Tensor ours(const Case& c, const std::vector<Tensor>& a) { return conv3x3(work_of(c, a)); }

/// The same by LibTorch in double precision.
Tensor defined_as(const Case& c, const std::vector<Tensor>& a) {
  const auto d = [](const Tensor& x) { return x.to(at::kDouble); };
  Tensor x = a[1].defined() ? at::cat({d(a[0]), d(a[1])}, 1) : d(a[0]);
  if (c.groups > 0) {
    x = at::group_norm(x, c.groups, d(a[2]), d(a[3]), 1e-5);
    if (c.silu) x = at::silu(x);
  }
  if (c.doubled) x = at::upsample_nearest2d(x, {2 * c.height, 2 * c.width});
  Tensor y = at::conv2d(x, d(a[4]), a[5].defined() ? std::optional(d(a[5])) : std::nullopt, 1, 1);
  if (a[6].defined()) y = y + d(a[6]).unsqueeze(-1).unsqueeze(-1);
  return a[7].defined() ? y + d(a[7]) : y;
}

/// The result and the gradients of the arguments of sum(result * r) for a fixed r.
template <class Op>
std::vector<Tensor> run(const Case& c, const Op& op) {
  const std::vector<Tensor> a = arguments(c);
  const Tensor y = op(c, a);
  (y * RandomStream(8).randn(y.sizes())).sum().backward();
  std::vector<Tensor> results = {y.detach()};
  for (const Tensor& x : a) results.push_back(x.defined() ? x.grad() : Tensor());
  return results;
}

void expect_as_defined(const Case& c, double tolerance) {
  SCOPED_TRACE(testing::Message() << c);
  const std::vector<Tensor> got = run(c, ours), wanted = run(c, defined_as);
  for (size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(got[i].defined(), wanted[i].defined()) << "tensor " << i;
    if (!wanted[i].defined()) continue;
    ASSERT_EQ(got[i].sizes(), wanted[i].sizes()) << "tensor " << i;
    const double scale = std::max(1e-6, wanted[i].abs().max().item().toDouble());
    EXPECT_LT((got[i] - wanted[i]).abs().max().item().toDouble(), tolerance * scale)
        << "tensor " << i;
  }
}

TEST(Conv3x3, EqualsItsDefinitionForRandomShapes) {
  RandomStream stream(3);
  const auto pick = [&](int64_t least, int64_t most) {
    return stream.randint(least, most + 1, {1}).item<int64_t>();
  };
  for (int i = 0; i < 40; ++i) {
    const int64_t groups = pick(0, 4);
    Case c = {pick(1, 3),      pick(1, 40),     pick(0, 1) * pick(1, 24),
              pick(1, 30),     pick(1, 30),     pick(1, 70),
              groups,          pick(0, 1) == 1, pick(0, 2) == 0,
              pick(0, 1) == 1, pick(0, 1) == 1, pick(0, 1) == 1};
    if (pick(0, 1) == 1) c.first = (c.first + 15) / 16 * 16;
    if (groups > 0) c.second = (groups - c.first % groups) % groups + c.second / groups * groups;
    expect_as_defined(c, 1e-4);
  }
}

TEST(Conv3x3, ManyPixelsAndWideLayers) {
  // More than one chunk of pixels, sums shared among threads, tiles of six; few tiles and many
  // channels.
  expect_as_defined({1, 32, 16, 72, 66, 48, 8, true, false, true, true, true}, 1e-4);
  expect_as_defined({2, 20, 0, 40, 36, 24, 4, true, true, true, false, false}, 1e-4);
  expect_as_defined({1, 192, 160, 8, 8, 200, 32, true, false, true, true, true}, 1e-4);
  expect_as_defined({3, 144, 144, 20, 20, 144, 0, false, false, false, false, true}, 1e-4);
}

/// The parts have another reader, as in a residual block.
Tensor forked(const Case& c, const std::vector<Tensor>& a) {
  const Forked made = conv3x3_forked(work_of(c, a));
  Tensor sum = made.y.sum(1, true);
  for (const Tensor& part : made.parts) sum = sum + part.square().sum(1, true);
  return sum;
}

Tensor read_twice(const Case& c, const std::vector<Tensor>& a) {
  Tensor sum = defined_as(c, a).sum(1, true);
  for (const Tensor& part : {a[0], a[1]})
    if (part.defined()) sum = sum + part.to(at::kDouble).square().sum(1, true);
  return sum;
}

TEST(Conv3x3, AForkAddsWhatComesBackThroughTheParts) {
  const auto expect_sum = [](const Case& c) {
    SCOPED_TRACE(testing::Message() << c);
    const std::vector<Tensor> got = run(c, forked), wanted = run(c, read_twice);
    for (size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i].defined()) {
        const double scale = wanted[i].abs().max().item().toDouble();
        EXPECT_LT((got[i] - wanted[i]).abs().max().item().toDouble(), 1e-4 * scale) << i;
      }
  };
  for (const int64_t side : {20, 150}) {  // small, and large enough to be forked
    expect_sum({1, 48, 0, side, side, 16, 8, true, false, true, false, false});
    expect_sum({1, 48, 16, side, side, 16, 8, true, false, true, false, false});
    expect_sum({1, 48, 16, side, side, 16, 0, false, false, true, false, false});
  }
}

TEST(Conv3x3, AForkOfWhichOnlyThePartsAreUsed) {
  const Case c = {1, 48, 0, 150, 150, 16, 8, true, false, true, false, false};
  const std::vector<Tensor> a = arguments(c);
  conv3x3_forked(work_of(c, a)).parts[0].sum().backward();
  EXPECT_TRUE(a[0].grad().equal(at::ones_like(a[0])));
  EXPECT_FALSE(a[4].grad().defined());
}

TEST(Conv3x3, AForkLeavesGradientsThatOthersHold) {
  const Case c = {1, 48, 16, 150, 150, 16, 8, true, false, true, false, false};
  const std::vector<Tensor> a = arguments(c);
  const Forked made = conv3x3_forked(work_of(c, a));
  Tensor loss = made.y.sum();
  for (const Tensor& part : made.parts) loss = loss + part.square().sum();
  const auto grads = torch::autograd::grad({loss}, {a[0], a[1], made.parts[0], made.parts[1]});
  EXPECT_TRUE(grads[2].equal(2 * a[0].detach()));
  EXPECT_TRUE(grads[3].equal(2 * a[1].detach()));
}

TEST(Conv3x3, ALargeMeanBeforeTheNormCostsNoPrecision) {
  expect_as_defined({1, 32, 0, 50, 50, 32, 8, true, false, true, false, false, 100.0}, 1e-4);
}

TEST(Conv3x3, SameBitsEveryTime) {
  const Case c = {2, 32, 16, 30, 30, 40, 8, true, false, true, true, true};
  const std::vector<Tensor> first = run(c, ours), second = run(c, ours);
  for (size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].equal(second[i])) << i;
}

TEST(Conv3x3, TheReferenceEngineIsLibTorch) {
  const Case c = {2, 32, 16, 10, 10, 40, 8, true, false, true, true, true};
  const EngineGuard reference(Engine::kReference);
  expect_as_defined(c, 1e-5);
}

TEST(Conv3x3, DoublePrecisionIsLeftToLibTorch) {
  Conv3x3 work;
  work.parts = {RandomStream(1).randn({1, 16, 6, 6}).to(at::kDouble)};
  work.weight = RandomStream(2).randn({16, 16, 3, 3}).to(at::kDouble);
  EXPECT_TRUE(conv3x3(work).equal(at::conv2d(work.parts[0], work.weight, {}, 1, 1)));
}

}  // namespace
}  // namespace mezzotint::ops
