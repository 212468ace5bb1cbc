#include "mezzotint/training/loss_by_timestep.h"

#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

TEST(LossByTimestep, CountsEachTenthTheSame) {
  LossByTimestep losses(1000);
  EXPECT_FALSE(losses.stratified_mean());
  losses.add(at::tensor({0, 50, 99, 999}, at::kLong), at::tensor({1.F, 2.F, 3.F, 10.F}));
  EXPECT_DOUBLE_EQ(losses.mean(0).value(), 2);
  EXPECT_FALSE(losses.mean(1));
  EXPECT_DOUBLE_EQ(losses.mean(9).value(), 10);
  EXPECT_DOUBLE_EQ(losses.stratified_mean().value(), 6);
  losses.clear();
  EXPECT_FALSE(losses.mean(0));
}

TEST(LossByTimestep, NamesItsTimesteps) {
  EXPECT_EQ(LossByTimestep(1000).name(0), "000-099");
  EXPECT_EQ(LossByTimestep(1000).name(9), "900-999");
  EXPECT_EQ(LossByTimestep(25).name(0), "000-002");
  EXPECT_EQ(LossByTimestep(25).name(1), "003-004");
}

TEST(LossByTimestep, AnotherGoesOnFromItsState) {
  LossByTimestep losses(100), other(100);
  losses.add(at::tensor({3}, at::kLong), at::tensor({4.F}));
  for (const auto& [key, tensor] : other.state()) tensor.copy_(losses.state().at(key));
  EXPECT_DOUBLE_EQ(other.mean(0).value(), 4);
}

}  // namespace
}  // namespace mezzotint
