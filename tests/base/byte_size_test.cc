#include "mezzotint/base/byte_size.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

TEST(ByteSize, ReadsWhatPeopleWrite) {
  EXPECT_EQ(byte_size("0"), 0u);
  EXPECT_EQ(byte_size("1048576"), 1048576u);
  EXPECT_EQ(byte_size("800M"), 800'000'000u);
  EXPECT_EQ(byte_size("4G"), 4'000'000'000u);
  EXPECT_EQ(byte_size("4g"), 4'000'000'000u);
  EXPECT_EQ(byte_size("4GB"), 4'000'000'000u);
  EXPECT_EQ(byte_size("4GiB"), size_t{4} << 30);
  EXPECT_EQ(byte_size("1.5K"), 1500u);
  EXPECT_EQ(byte_size("1.5KiB"), 1536u);
}

TEST(ByteSize, RefusesTheRest) {
  for (const char* text : {"", "G", "-1", "-0.5G", "4T", "4 G", "4GG", "4iB", "0.3", "1e30", "nan",
                           "inf", "99999999999999G", "0x10"})
    EXPECT_FALSE(byte_size(text)) << text;
}

}  // namespace
}  // namespace mezzotint
