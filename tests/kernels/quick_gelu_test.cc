#include "mezzotint/kernels/quick_gelu.h"

#include <limits>

#include "tests/kernels/every_target.h"

namespace mezzotint::kernels {
namespace {

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

TEST(QuickGelu, EqualsItsDefinitionAndStaysInside) {
  on_every_target([] {
    for (size_t count = 0; count < 40; ++count) {
      const std::vector<float> x = normal_floats(count, 1), grad_y = normal_floats(count, 2);
      std::vector<float> y(count + 1, 9), grad_x(count + 1, 9);
      std::vector<double> wanted_y, wanted_grad;
      for (size_t i = 0; i < count; ++i) {
        const double s = sigmoid(1.702 * x[i]);
        wanted_y.push_back(x[i] * s);
        wanted_grad.push_back(grad_y[i] * (s + 1.702 * x[i] * s * (1 - s)));
      }
      quick_gelu(x.data(), count, y.data());
      quick_gelu_backward(x.data(), grad_y.data(), count, grad_x.data());
      expect_close(y.data(), wanted_y, 5e-7);
      expect_close(grad_x.data(), wanted_grad, 2e-6);
      EXPECT_EQ(y[count], 9);
      EXPECT_EQ(grad_x[count], 9);
    }
  });
}

TEST(QuickGelu, KeepsNaNAndTheEnds) {
  on_every_target([] {
    const std::vector<float> x = {std::numeric_limits<float>::quiet_NaN(), 1e30f, -1e30f, 0};
    std::vector<float> y(4);
    quick_gelu(x.data(), 4, y.data());
    EXPECT_TRUE(std::isnan(y[0]));
    EXPECT_EQ(y[1], 1e30f);
    EXPECT_NEAR(y[2], 0, 1e30 * 1e-37);
    EXPECT_EQ(y[3], 0);
  });
}

}  // namespace
}  // namespace mezzotint::kernels
