#include "apps/cli/memory_cache.h"

#include <cstdlib>

#include "mezzotint/base/byte_size.h"
#include "mezzotint/base/caching_allocator.h"
#include "mezzotint/base/error.h"

namespace mezzotint::cli {

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
