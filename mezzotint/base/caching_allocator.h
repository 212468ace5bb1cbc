#pragma once

#include <cstddef>

#include "mezzotint/base/block_arena.h"

namespace mezzotint {

/// From now on LibTorch's tensors on the CPU get their memory from a BlockArena as large as the
/// machine's memory twice over; blocks below 4 KB, and all others once it is full, come from malloc
/// as before. Faster where the same work is done again and again, because the system needn't clear
/// pages each time: a training step takes no page faults once warm.
///
/// This changes the whole process, so it is for programs to ask for, before their first tensor of
/// any size; the library never does by itself. Tensors made before stay valid. Call it once, before
/// other threads make tensors.
///
/// @returns false when nothing was changed: the system grants no addresses, the program is built
/// with AddressSanitizer (which could not see errors in memory that is kept), or it was called
/// before.
bool use_caching_allocator(BlockArena::Limits limits = {});

/// Gives memory that no tensor uses back to the system: after large work that won't come again
/// soon. @returns bytes given back; 0 without use_caching_allocator().
size_t release_cached_memory();

/// What tensors use and what is kept; zeros without use_caching_allocator().
BlockArena::Usage cached_memory();

}  // namespace mezzotint
