#include "mezzotint/training/contrastive_loss.h"

#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

double number(const Tensor& x) { return x.item<double>(); }

TEST(ContrastiveLoss, IsClipsWhereEachTextHasOnePicture) {
  const Tensor logits = RandomStream(1).randn({5, 5}) * 3;
  const Tensor own = at::arange(5, at::kLong);
  const Tensor clip =
      (at::cross_entropy_loss(logits, own) + at::cross_entropy_loss(logits.t(), own)) / 2;
  EXPECT_NEAR(number(contrastive_loss(logits, at::eye(5).to(at::kBool))), number(clip), 1e-5);
  EXPECT_NEAR(number(pair_loss(logits, at::zeros({5, 5}, at::kBool))), number(clip), 1e-5);
}

TEST(ContrastiveLoss, RightAnswersShareTheProbability) {
  // One text of two of three pictures, and one of none, which is left out.
  const Tensor logits = at::tensor({2.0, 1.0, 0.0, 5.0, 5.0, 5.0}).to(at::kFloat).view({2, 3});
  const Tensor belongs = at::tensor({1, 1, 0, 0, 0, 0}).view({2, 3}).to(at::kBool);
  const Tensor log_row = logits.narrow(0, 0, 1).log_softmax(1), log_column = logits.log_softmax(0);
  const double texts = -number((log_row[0][0] + log_row[0][1]) / 2),
               pictures = -number((log_column[0][0] + log_column[0][1]) / 2);
  EXPECT_NEAR(number(contrastive_loss(logits, belongs)), (texts + pictures) / 2, 1e-5);
}

TEST(ContrastiveLoss, SoftCrossEntropyLeavesEmptyRowsOut) {
  const Tensor logits = RandomStream(2).randn({3, 4});
  Tensor target = at::zeros({3, 4});
  target[0][2] = 1;
  target[2][0] = 0.5;
  target[2][3] = 0.5;
  const Tensor log = logits.log_softmax(1);
  EXPECT_NEAR(number(soft_cross_entropy(logits, target)),
              -number(log[0][2] + (log[2][0] + log[2][3]) / 2) / 2, 1e-5);
  EXPECT_EQ(number(soft_cross_entropy(logits, at::zeros({3, 4}))), 0);
}

TEST(ContrastiveLoss, PairsThatMeanTheSameArentHeldAgainstEachOther) {
  Tensor logits = at::zeros({3, 3});
  Tensor same = at::zeros({3, 3}, at::kBool);
  EXPECT_NEAR(number(pair_loss(logits, same)), std::log(3.0), 1e-5);
  same[0][1] = same[1][0] = true;
  EXPECT_NEAR(number(pair_loss(logits, same)), (2 * std::log(2.0) + std::log(3.0)) / 3, 1e-5);
}

}  // namespace
}  // namespace mezzotint
