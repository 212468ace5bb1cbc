#include "mezzotint/io/sha256.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

// The examples of FIPS 180-4, as NIST publishes them.
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kOfNothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kOfAMillionAs[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, PublishedExamples) {
  EXPECT_EQ(sha256("abc"), kOfAbc);
  EXPECT_EQ(sha256(""), kOfNothing);
}

TEST(Sha256, OfAFileInPieces) {
  const auto path = std::filesystem::path(testing::TempDir()) / "sha256_test";
  std::ofstream(path, std::ios::binary) << std::string(1'000'000, 'a');
  EXPECT_EQ(file_sha256(path), kOfAMillionAs);
  std::filesystem::remove(path);
  EXPECT_THROW(file_sha256(path), Error);
}

}  // namespace
}  // namespace mezzotint
