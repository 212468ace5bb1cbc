#include "mezzotint/kernels/adam.h"

#include <limits>

#include "tests/kernels/every_target.h"

namespace mezzotint::kernels {
namespace {

using Floats = std::vector<float>;

struct State {
  Floats parameter, mean, square, average;

  explicit State(size_t n)
      : parameter(normal_floats(n, 1)),
        mean(normal_floats(n, 2)),
        square(normal_floats(n, 3)),
        average(normal_floats(n, 4)) {
    for (float& value : square) value *= value;
  }
  AdamArrays arrays(const Floats& gradient) {
    return {gradient.data(), parameter.data(), mean.data(), square.data(), average.data()};
  }
};

AdamStep step_of(double lr, double decay, double beta1, double beta2, int t) {
  return {.gradient_scale = 0.75f,
          .parameter_scale = static_cast<float>(1 - lr * decay),
          .mean_weight = static_cast<float>(1 - beta1),
          .square_scale = static_cast<float>(beta2),
          .square_weight = static_cast<float>(1 - beta2),
          .step_size = static_cast<float>(lr / (1 - std::pow(beta1, t))),
          .root_correction = static_cast<float>(std::sqrt(1 - std::pow(beta2, t))),
          .epsilon = 1e-8f,
          .average_weight = 0.25f};
}

/// The paper's equations in double precision.
void expect_equations(const AdamStep& step, const State& before, const State& after,
                      const Floats& gradient, size_t i) {
  const double g = double{gradient[i]} * step.gradient_scale;
  const double m = before.mean[i] + step.mean_weight * (g - before.mean[i]);
  const double v = double{before.square[i]} * step.square_scale + step.square_weight * g * g;
  const double change = step.step_size * m / (std::sqrt(v) / step.root_correction + step.epsilon);
  const double p = double{before.parameter[i]} * step.parameter_scale - change;
  const double average = before.average[i] - step.average_weight * (before.average[i] - p);
  const auto near = [](double a) { return 4e-7 * std::max(1.0, std::abs(a)); };
  ASSERT_NEAR(after.mean[i], m, near(m));
  ASSERT_NEAR(after.square[i], v, near(v));
  ASSERT_NEAR(after.parameter[i], p, near(p) + 4e-7 * std::abs(change));
  ASSERT_NEAR(after.average[i], average, near(average));
}

TEST(Adam, FollowsTheEquations) {
  on_every_target([] {
    for (const double beta1 : {0.9, 0.3}) {  // both ends of the interpolation
      const AdamStep step = step_of(1e-2, 0.1, beta1, 0.99, 3);
      const size_t n = 71;
      const Floats gradient = normal_floats(n, 5);
      const State before(n);
      State after = before;
      adam_update(step, after.arrays(gradient), 0, n);
      for (size_t i = 0; i < n; ++i) expect_equations(step, before, after, gradient, i);
    }
  });
}

// So that threads may share the work in any way.
TEST(Adam, AnElementDependsOnNoOther) {
  on_every_target([] {
    const AdamStep step = step_of(1e-3, 0.01, 0.9, 0.999, 1);
    const size_t n = 67;
    const Floats gradient = normal_floats(n, 6);
    State whole(n), parts(n);
    adam_update(step, whole.arrays(gradient), 0, n);
    for (const auto& [begin, end] : {std::pair<size_t, size_t>{0, 1}, {1, 18}, {18, 18}, {18, n}})
      adam_update(step, parts.arrays(gradient), begin, end);
    EXPECT_EQ(whole.parameter, parts.parameter);
    EXPECT_EQ(whole.mean, parts.mean);
    EXPECT_EQ(whole.square, parts.square);
    EXPECT_EQ(whole.average, parts.average);
  });
}

TEST(Adam, NothingOutsideTheRangeIsTouched) {
  on_every_target([] {
    const size_t n = 40;
    const Floats gradient = normal_floats(n, 7);
    const State before(n);
    State after = before;
    adam_update(step_of(1e-3, 0.01, 0.9, 0.999, 1), after.arrays(gradient), 3, 21);
    for (size_t i = 0; i < n; ++i) {
      EXPECT_EQ(after.parameter[i] != before.parameter[i], i >= 3 && i < 21) << i;
      EXPECT_EQ(after.average[i] != before.average[i], i >= 3 && i < 21) << i;
    }
  });
}

TEST(Adam, WorksWithoutAnAverage) {
  const size_t n = 20;
  const Floats gradient = normal_floats(n, 8);
  State with(n), without(n);
  const AdamStep step = step_of(1e-3, 0.01, 0.9, 0.999, 1);
  adam_update(step, with.arrays(gradient), 0, n);
  AdamArrays arrays = without.arrays(gradient);
  arrays.average = nullptr;
  adam_update(step, arrays, 0, n);
  EXPECT_EQ(with.parameter, without.parameter);
  EXPECT_EQ(without.average, State(n).average);
}

TEST(SumOfSquares, EqualsTheSum) {
  on_every_target([] {
    for (const size_t n : {0, 1, 3, 31, 64, 1001}) {
      const Floats values = normal_floats(n, 9);
      double wanted = 0;
      for (const float value : values) wanted += double{value} * value;
      EXPECT_NEAR(sum_of_squares(values.data(), n), wanted, 1e-12 * wanted) << n;
    }
  });
}

TEST(SumOfSquares, NoSquareIsTooLargeOrTooSmall) {
  on_every_target([] {
    const Floats large(37, 3e38f), small(37, 1e-30f);
    EXPECT_NEAR(sum_of_squares(large.data(), 37) / (37 * 9e76), 1, 1e-6);
    EXPECT_NEAR(sum_of_squares(small.data(), 37) / (37 * 1e-60), 1, 1e-6);
    Floats broken(37, 1.0f);
    broken[20] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(std::isnan(sum_of_squares(broken.data(), 37)));
  });
}

}  // namespace
}  // namespace mezzotint::kernels
