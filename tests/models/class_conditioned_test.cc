#include "mezzotint/models/class_conditioned.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

Tensor labels_of(std::vector<int64_t> labels) { return at::tensor(labels); }

const Predict kEcho = [](const Tensor& x_bchw, const Tensor&) { return x_bchw; };

TEST(ClassConditioned, PutsTheRowsBehindTheChannels) {
  RandomStream stream(0);
  const Tensor x = stream.randn({2, 1, 3, 5}), table = stream.randn({10, 4});
  const Tensor seen = class_conditioned(kEcho, table, labels_of({7, 0}))(x, at::zeros({2}));
  ASSERT_EQ(seen.sizes(), IntArrayRef({2, 5, 3, 5}));
  EXPECT_TRUE(seen.narrow(1, 0, 1).equal(x));
  for (int64_t channel = 0; channel < 4; ++channel) {
    EXPECT_TRUE((seen[0][1 + channel] == table[7][channel]).all().item<bool>());
    EXPECT_TRUE((seen[1][1 + channel] == table[0][channel]).all().item<bool>());
  }
}

TEST(ClassConditioned, GradientReachesTheRowsThatWereUsed) {
  RandomStream stream(0);
  const Tensor table = stream.randn({3, 2}).requires_grad_(true);
  const Predict predict = class_conditioned(kEcho, table, labels_of({1, 1}));
  predict(stream.randn({2, 1, 4, 4}), at::zeros({2})).sum().backward();
  EXPECT_EQ(table.grad()[1][0].item<float>(), 32.0f);  // 2 images of 16 pixels
  EXPECT_EQ(table.grad()[0].abs().sum().item<float>(), 0.0f);
}

TEST(ClassConditioned, SeesUpdatesInPlace) {
  Tensor table = at::zeros({2, 1});
  const Predict predict = class_conditioned(kEcho, table, labels_of({1}));
  table.add_(3);
  EXPECT_EQ(predict(at::zeros({1, 1, 2, 2}), at::zeros({1}))[0][1][0][0].item<float>(), 3.0f);
}

TEST(ClassConditioned, RefusesWrongLabels) {
  const Tensor table = at::zeros({10, 4});
  EXPECT_THROW(class_conditioned(kEcho, table, {}), Error);
  EXPECT_THROW(class_conditioned(kEcho, table, labels_of({10})), Error);
  EXPECT_THROW(class_conditioned(kEcho, table, labels_of({-1})), Error);
  EXPECT_THROW(class_conditioned(kEcho, table, at::tensor({1.5f})), Error);
  EXPECT_THROW(class_conditioned(kEcho, at::zeros({10}), labels_of({1})), Error);
  const Predict one = class_conditioned(kEcho, table, labels_of({1}));
  EXPECT_THROW(one(at::zeros({2, 1, 4, 4}), at::zeros({2})), Error);
}

}  // namespace
}  // namespace mezzotint
