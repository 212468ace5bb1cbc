// exp-inl.h is for kernels to include, so it is compiled here for every instruction set as a
// kernel would be.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/kernels/exp_test.cc"
#include <hwy/foreach_target.h>

#include "mezzotint/kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {

template <V (*kFunction)(V)>
void Apply(const float* x, size_t count, float* y) {
  for (size_t i = 0; i < count; i += hn::Lanes(Floats())) {
    const size_t n = std::min(hn::Lanes(Floats()), count - i);
    StorePart(kFunction(LoadPart(x + i, n)), y + i, n);
  }
}

// Named, as the dispatch table holds plain functions.
void ApplyExp2(const float* x, size_t count, float* y) { Apply<Exp2OfNegative>(x, count, y); }
void ApplySigmoid(const float* x, size_t count, float* y) { Apply<Sigmoid>(x, count, y); }

}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {
namespace {

HWY_EXPORT(ApplyExp2);
HWY_EXPORT(ApplySigmoid);

using Numbers = std::vector<float>;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Numbers exp2_of(const Numbers& x) {
  Numbers y(x.size());
  HWY_DYNAMIC_DISPATCH(ApplyExp2)(x.data(), x.size(), y.data());
  return y;
}

Numbers sigmoid_of(const Numbers& x) {
  Numbers y(x.size());
  HWY_DYNAMIC_DISPATCH(ApplySigmoid)(x.data(), x.size(), y.data());
  return y;
}

/// Densely from `first` to `last`, in steps that no power of two divides.
Numbers range(double first, double last) {
  constexpr size_t kCount = 200'003;
  Numbers x(kCount);
  for (size_t i = 0; i < kCount; ++i)
    x[i] = static_cast<float>(first + (last - first) * static_cast<double>(i) / (kCount - 1));
  return x;
}

/// Every result within `tolerance` of its value, and `more` for each unit of |x|, or below the
/// normal numbers with it.
void expect_relative(const Numbers& x, const Numbers& got, double (*wanted)(double),
                     double tolerance, double more = 0) {
  constexpr double kLeastNormal = std::numeric_limits<float>::min();
  for (size_t i = 0; i < x.size(); ++i) {
    const double value = wanted(x[i]);
    ASSERT_LE(std::abs(got[i] - value),
              (tolerance + more * std::abs(x[i])) * value + (value < kLeastNormal) * kLeastNormal)
        << "at " << x[i] << ": got " << got[i] << ", wanted " << value;
  }
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

template <class Body>
void on_every_target(const Body& body) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(Exp2OfNegative, IsWithinTwoUnitsDownToTheNormalNumbers) {
  on_every_target([] {
    for (const auto& [first, last] : {std::pair{-126.0, 0.0}, {-1.0, 0.0}, {-1e-6, 0.0}}) {
      const Numbers x = range(first, last);
      expect_relative(x, exp2_of(x), std::exp2, 2e-7);
    }
    EXPECT_EQ(exp2_of({0.0f})[0], 1.0f);
    for (const float y : exp2_of({-127, -1e10f, -kInfinity}))
      EXPECT_EQ(y, std::numeric_limits<float>::min());
  });
}

TEST(Exponentials, KeepNaN) {
  const Numbers x = {kNaN, -kNaN, std::nanf("1"), std::nanf("0xff"), std::nanf("0x7f00")};
  on_every_target([&] {
    for (const float y : exp2_of(x)) EXPECT_TRUE(std::isnan(y));
    for (const float y : sigmoid_of(x)) EXPECT_TRUE(std::isnan(y));
  });
}

TEST(Sigmoid, IsWithinThreeUnitsOfTheLargest) {
  on_every_target([] {
    for (const auto& [first, last] : {std::pair{-100.0, 100.0}, {-89.0, -86.0}, {-1.0, 1.0}}) {
      const Numbers x = range(first, last);
      expect_relative(x, sigmoid_of(x), logistic, 3e-7, 8e-8);
    }
  });
}

TEST(Sigmoid, HasTheLimitsOfTheLogisticFunction) {
  on_every_target([] {
    for (const float y : sigmoid_of({87, 104, 1e10f, kInfinity})) EXPECT_EQ(y, 1.0f);
    for (const float y : sigmoid_of({-89, -104, -1e10f, -kInfinity})) EXPECT_EQ(y, 0.0f);
    EXPECT_EQ(sigmoid_of({0.0f})[0], 0.5f);
  });
}

}  // namespace
}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
