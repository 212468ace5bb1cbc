#include "mezzotint/base/wildcard.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

TEST(Wildcard, IsHeldAgainstTheWholeText) {
  EXPECT_TRUE(matches_wildcard("to_q", "to_q"));
  EXPECT_FALSE(matches_wildcard("to_q", "to_q.weight"));
  EXPECT_TRUE(matches_wildcard("down_blocks.*", "down_blocks.0.resnets.1/x"));
  EXPECT_TRUE(matches_wildcard("*norm?.bias", "resnets.0.norm1.bias"));
  EXPECT_FALSE(matches_wildcard("*norm?.bias", "resnets.0.norm.bias"));
  EXPECT_TRUE(matches_wildcard("conv[12]", "conv2"));
  EXPECT_FALSE(matches_wildcard("conv[12]", "conv3"));
  EXPECT_TRUE(matches_wildcard("*", ""));
  EXPECT_FALSE(matches_wildcard("", "x"));
}

}  // namespace
}  // namespace mezzotint
