#include "apps/cli/memory_cache.h"

#include <cstdint>
#include <cstdlib>

#include "mezzotint/base/caching_allocator.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/whole_number.h"

namespace mezzotint::cli {

std::optional<size_t> byte_size(const std::string& text) {
  constexpr const char* kUnits = "KMG";
  std::string digits = text;
  size_t unit = 1;
  if (const size_t at = text.empty() ? std::string::npos : std::string(kUnits).find(text.back());
      at != std::string::npos) {
    unit = size_t{1024} << (10 * at);
    digits.pop_back();
  }
  const std::optional<size_t> count = whole_number<size_t>(digits);
  if (!count || *count > SIZE_MAX / unit) return std::nullopt;
  return *count * unit;
}

void keep_tensor_memory() {
  const char* const variable = std::getenv("MEZZOTINT_CACHE");
  BlockArena::Limits limits;
  if (variable && *variable) {
    if (std::string(variable) == "off") return;
    const std::optional<size_t> kept = byte_size(variable);
    if (!kept)
      fail_usage("MEZZOTINT_CACHE: got '", variable,
                 "', wanted off, or how much freed memory to keep: 500M, 2G");
    limits.kept = *kept;
  }
  use_caching_allocator(limits);
}

}  // namespace mezzotint::cli
