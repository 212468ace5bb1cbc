#include "mezzotint/base/block_arena.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace mezzotint {
namespace {

constexpr size_t kAlwaysAllowed = size_t{64} << 20;

}  // namespace

BlockArena::BlockArena(size_t reserved, Limits limits) : limits_(limits), range_(reserved) {
  if (range_.size() > 0) add_free(blocks_.emplace(0, Block{range_.size(), true}).first);
}

void BlockArena::add_free(Blocks::iterator block) {
  block->second.free = true;
  free_.emplace(block->second.size, block->first);
}

void BlockArena::remove_free(Blocks::iterator block) {
  block->second.free = false;
  free_.erase({block->second.size, block->first});
}

void* BlockArena::take(size_t bytes) {
  const size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const std::lock_guard lock(mutex_);
  if (size < bytes) return nullptr;  // beyond all numbers
  const auto found = free_.lower_bound({size, 0});
  if (found == free_.end()) return nullptr;
  const auto block = blocks_.find(found->second);
  remove_free(block);
  if (const size_t rest = block->second.size - size; rest > 0) {
    block->second.size = size;
    add_free(blocks_.emplace_hint(std::next(block), block->first + size, Block{rest, true}));
  }
  in_use_ += size;
  if (!fill(block)) {
    in_use_ -= size;
    add_free(merged(block));
    return nullptr;
  }
  most_in_use_ = std::max(most_in_use_, in_use_);
  return range_.base() + block->first;
}

/// Gets a block's memory; where that would take too much from the system, other free blocks lose
/// theirs first.
bool BlockArena::fill(Blocks::iterator block) {
  const auto [offset, size] = std::pair(block->first, block->second.size);
  if (const size_t missing = range_.missing(offset, size); missing > 0) {
    const double peak = limits_.share * static_cast<double>(std::max(most_in_use_, in_use_));
    const size_t allowed = std::max(static_cast<size_t>(peak), kAlwaysAllowed);
    const size_t wanted = range_.resident() + missing;
    if (wanted > allowed) drop_free(wanted - allowed);
  }
  return range_.use(offset, size);
}

bool BlockArena::give(void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address),
             base = reinterpret_cast<uintptr_t>(range_.base());
  if (at < base || at - base >= range_.size()) return false;  // malloc's don't wait for the lock
  const std::lock_guard lock(mutex_);
  const auto block = blocks_.find(at - base);
  if (block == blocks_.end() || block->second.free) return false;
  in_use_ -= block->second.size;
  add_free(merged(block));
  const size_t kept = range_.resident() - std::min(in_use_, range_.resident());
  if (kept > limits_.kept) drop_free(kept - limits_.kept);
  return true;
}

/// Joins a block that isn't listed as free with its free neighbours.
BlockArena::Blocks::iterator BlockArena::merged(Blocks::iterator block) {
  if (const auto next = std::next(block); next != blocks_.end() && next->second.free) {
    remove_free(next);
    block->second.size += next->second.size;
    blocks_.erase(next);
  }
  if (block == blocks_.begin()) return block;
  const auto before = std::prev(block);
  if (!before->second.free) return block;
  remove_free(before);
  before->second.size += block->second.size;
  blocks_.erase(block);
  return before;
}

/// Gives back at least `bytes` of free blocks if it can, from the largest block down.
size_t BlockArena::drop_free(size_t bytes) {
  size_t dropped = 0;
  for (auto it = free_.rbegin(); it != free_.rend() && dropped < bytes; ++it)
    dropped += range_.drop(it->second, it->first);
  return dropped;
}

size_t BlockArena::release() {
  const std::lock_guard lock(mutex_);
  most_in_use_ = in_use_;
  return drop_free(std::numeric_limits<size_t>::max());
}

BlockArena::Usage BlockArena::usage() const {
  const std::lock_guard lock(mutex_);
  return {in_use_, most_in_use_, range_.resident()};
}

}  // namespace mezzotint
