#pragma once

#include <cstdint>

namespace mezzotint {

/// Bytes of memory that this process holds now; 0 where the system doesn't say.
int64_t resident_memory();

}  // namespace mezzotint
