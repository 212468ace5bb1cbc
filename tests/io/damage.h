#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {

/// Feeds a reader every beginning of a file and `rounds` versions with a few flipped bits (a fixed
/// sequence). Whatever it throws must be an Error of one line; a cut file must not be read.
/// @param reach flips fall into the first so many bytes, where the structure is.
inline void expect_only_errors(const std::string& whole, size_t reach, int rounds,
                               const std::function<void(const std::filesystem::path&)>& read) {
  const TemporaryFolder folder;
  const auto attempt = [&](const std::string& bytes) {
    put(folder / "x", bytes);
    try {
      read(folder / "x");
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      return false;
    }
  };
  ASSERT_TRUE(attempt(whole));
  for (size_t size = 0; size < whole.size(); ++size)
    ASSERT_FALSE(attempt(whole.substr(0, size))) << "cut to " << size;
  std::mt19937 random(1);
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = whole;
    for (unsigned flips = 1 + random() % 3; flips > 0; --flips)
      bytes[random() % std::min(reach, bytes.size())] ^= static_cast<char>(1U << random() % 8);
    attempt(bytes);
  }
}

}  // namespace mezzotint
