#pragma once

#include <cstdint>

namespace mezzotint {

/// Bytes of memory that this process holds now; 0 where the system doesn't say.
int64_t resident_memory();

/// The most that it has held so far; 0 where the system doesn't say. What a process held before it
/// became this program doesn't count.
int64_t peak_resident_memory();

}  // namespace mezzotint
