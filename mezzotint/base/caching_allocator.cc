#include "mezzotint/base/caching_allocator.h"

#include <atomic>

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <unistd.h>

namespace mezzotint {
namespace {

/// Smaller blocks are malloc's strength, and would leave gaps between the large ones.
constexpr size_t kSmallest = 4096;

// LibTorch's allocator is one for the process, and its deleters get nothing but an address, so this
// can't but be global. Never destroyed: tensors may outlive main.
std::atomic<BlockArena*> the_arena{nullptr};

void free_block(void* block) {
  if (!block) return;
  c10::profiledCPUMemoryReporter().Delete(block);
  // What came from malloc, by us or before us, goes back there.
  if (!the_arena.load(std::memory_order_acquire)->give(block)) c10::free_cpu(block);
}

class CachingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    void* block = nullptr;
    if (bytes >= kSmallest) block = the_arena.load(std::memory_order_acquire)->take(bytes);
    if (!block) block = c10::alloc_cpu(bytes);  // throws when there is no memory at all
    c10::profiledCPUMemoryReporter().New(block, bytes);
    return {block, block, &free_block, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_block; }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

size_t addresses_to_reserve() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page > 0 ? 2 * static_cast<size_t>(pages) * static_cast<size_t>(page) : 0;
}

}  // namespace

bool use_caching_allocator(BlockArena::Limits limits) {
  if (kSanitized || the_arena.load()) return false;
  auto* const arena = new BlockArena(addresses_to_reserve(), limits);
  void* const probe = arena->take(1);  // to see whether there is anything behind the addresses
  if (!probe) {
    delete arena;
    return false;
  }
  arena->give(probe);
  the_arena.store(arena);
  static CachingAllocator allocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/255);
  return true;
}

size_t release_cached_memory() {
  BlockArena* const arena = the_arena.load();
  return arena ? arena->release() : 0;
}

BlockArena::Usage cached_memory() {
  const BlockArena* const arena = the_arena.load();
  return arena ? arena->usage() : BlockArena::Usage();
}

}  // namespace mezzotint
