#include "apps/cli/seeds.h"

#include "mezzotint/base/error.h"
#include "mezzotint/base/whole_number.h"

#include "apps/cli/split.h"

namespace mezzotint::cli {

/// More than this many in one range is a slip of the keyboard, not a wish.
constexpr uint64_t kMostSeeds = 100'000;

uint64_t seed_of(const std::string& text, const std::string& where) {
  const std::optional<uint64_t> seed = whole_number<uint64_t>(text);
  if (!seed)
    fail_usage(where, ": got '", text, "', wanted a whole number from 0 to 18446744073709551615");
  return *seed;
}

std::vector<uint64_t> seeds_of(const std::string& text, const std::string& where) {
  std::vector<uint64_t> seeds;
  for (const std::string& part : split(text, ',')) {
    const size_t dots = part.find("..");
    if (part.empty() || part.starts_with("..") || part.ends_with(".."))
      fail_usage(where, ": got '", text, "', wanted seeds, such as 0..7 or 3,1,4");
    const uint64_t first = seed_of(part.substr(0, dots), where);
    const uint64_t last = dots == std::string::npos ? first : seed_of(part.substr(dots + 2), where);
    if (last < first || last - first >= kMostSeeds)
      fail_usage(where, ": got '", part, "', wanted first..last with first <= last, at most ",
                 kMostSeeds, " seeds");
    for (uint64_t i = 0; i <= last - first; ++i) seeds.push_back(first + i);
  }
  return seeds;
}

}  // namespace mezzotint::cli
