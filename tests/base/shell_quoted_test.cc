#include "mezzotint/base/shell_quoted.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

TEST(ShellQuoted, LeavesPlainWordsAndQuotesTheRest) {
  EXPECT_EQ(shell_quoted("runs/mine-2"), "runs/mine-2");
  EXPECT_EQ(shell_quoted("my run"), "'my run'");
  EXPECT_EQ(shell_quoted("it's"), R"('it'\''s')");
  EXPECT_EQ(shell_quoted("$(rm x)"), "'$(rm x)'");
  EXPECT_EQ(shell_quoted(""), "''");
}

}  // namespace
}  // namespace mezzotint
