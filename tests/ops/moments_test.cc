#include "mezzotint/ops/moments.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/mean.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/ops/conv3x3.h"
#include "mezzotint/ops/group_norm.h"

namespace mezzotint::ops {
namespace {

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

Tensor convolved(RandomStream& stream, int64_t in, int64_t out) {
  return conv3x3({.parts = {stream.randn({2, in, 13, 10}).contiguous(kLayout)},
                  .weight = stream.randn({out, in, 3, 3}),
                  .bias = 20 * stream.randn({out})});
}

TEST(Moments, AConvolutionNotesThoseOfWhatItWrites) {
  RandomStream stream(1);
  const MomentsGuard guard;
  const Tensor y = convolved(stream, 24, 40), noted = noted_moments(y);
  ASSERT_TRUE(noted.defined());
  const Tensor exact = y.to(at::kDouble), mean = exact.mean({2, 3});
  const Tensor spread = (exact - mean.unsqueeze(-1).unsqueeze(-1)).square().sum({2, 3});
  EXPECT_TRUE(noted.select(1, 0).allclose(mean, 1e-6, 1e-6));
  EXPECT_TRUE(noted.select(1, 1).allclose(spread, 1e-5));
}

TEST(Moments, ANormGivesTheSameWithThemAsWithout) {
  RandomStream stream(2);
  const MomentsGuard guard;
  const Tensor y = convolved(stream, 16, 48), copy = y.clone();
  const Tensor weight = stream.randn({48}), bias = stream.randn({48});
  const auto norm = [&](const Tensor& x) { return group_norm(x, 6, weight, bias, 1e-5); };
  ASSERT_FALSE(noted_moments(copy).defined());
  const Tensor with = norm(y), without = norm(copy);
  EXPECT_TRUE(with.allclose(without, 1e-5, 1e-5));
  EXPECT_TRUE(with.allclose(at::group_norm(y, 6, weight, bias), 1e-4, 1e-4));
  EXPECT_TRUE(noted_moments(copy).defined()) << "whoever reads a picture notes its moments too";
}

TEST(Moments, AreKnownByTheMemoryAndTheShape) {
  RandomStream stream(3);
  const MomentsGuard guard;
  const Tensor y = convolved(stream, 16, 32);
  EXPECT_TRUE(noted_moments(y.alias()).defined());
  EXPECT_TRUE(noted_moments(y.detach()).defined());
  EXPECT_FALSE(noted_moments(y.narrow(1, 0, 16)).defined());
  EXPECT_FALSE(noted_moments(y.narrow(0, 1, 1)).defined());
  EXPECT_FALSE(noted_moments(y.reshape({1, 64, 13, 10})).defined());
  EXPECT_FALSE(noted_moments(stream.randn({2, 32, 13, 10})).defined());
}

TEST(Moments, LiveAsLongAsTheirGuard) {
  RandomStream stream(4);
  Tensor y = convolved(stream, 16, 32);
  EXPECT_FALSE(moments_wanted());
  EXPECT_FALSE(noted_moments(y).defined());
  const MomentsGuard outer;
  y = convolved(stream, 16, 32);
  {
    const MomentsGuard inner;
    EXPECT_FALSE(noted_moments(y).defined());
  }
  EXPECT_TRUE(noted_moments(y).defined());
}

TEST(Moments, DontKeepThePicture) {
  RandomStream stream(5);
  const MomentsGuard guard;
  Tensor y = convolved(stream, 16, 32);
  const c10::weak_intrusive_ptr<c10::StorageImpl> storage = y.storage().getWeakStorageImpl();
  y.reset();
  EXPECT_TRUE(storage.expired());
}

}  // namespace
}  // namespace mezzotint::ops
