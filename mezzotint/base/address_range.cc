#include "mezzotint/base/address_range.h"

#include <algorithm>
#include <cstdint>

#include <sys/mman.h>

namespace mezzotint {
namespace {

constexpr size_t kChunk = AddressRange::kChunk;

/// Access is opened in steps of this, so that few calls of the system are needed.
constexpr size_t kStep = 32 * kChunk;

size_t chunk_below(size_t offset) { return offset / kChunk; }
size_t chunk_above(size_t offset) { return (offset + kChunk - 1) / kChunk; }

}  // namespace

AddressRange::AddressRange(size_t bytes) {
  for (bytes = chunk_below(bytes) * kChunk; bytes > 0; bytes = chunk_below(bytes / 2) * kChunk) {
    // Without access nothing is charged to the process, even where overcommitting is forbidden.
    void* got = mmap(nullptr, bytes + kChunk, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) continue;
    mapping_ = static_cast<std::byte*>(got);
    mapped_ = bytes + kChunk;
    const size_t beyond = reinterpret_cast<uintptr_t>(mapping_) % kChunk;
    base_ = mapping_ + (beyond ? kChunk - beyond : 0);
    chunks_.resize(bytes / kChunk);
    return;
  }
}

AddressRange::~AddressRange() {
  if (mapping_) munmap(mapping_, mapped_);
}

size_t AddressRange::missing(size_t offset, size_t bytes) const {
  const auto begin = chunks_.begin();
  return kChunk * static_cast<size_t>(std::count(
                      begin + static_cast<std::ptrdiff_t>(chunk_below(offset)),
                      begin + static_cast<std::ptrdiff_t>(chunk_above(offset + bytes)), false));
}

bool AddressRange::use(size_t offset, size_t bytes) {
  const size_t end = offset + bytes;
  if (end > size()) return false;
  if (end > writable_) {
    const size_t wanted = std::min((end + kStep - 1) / kStep * kStep, size());
    if (mprotect(base_ + writable_, wanted - writable_, PROT_READ | PROT_WRITE) != 0) return false;
    madvise(base_ + writable_, wanted - writable_, MADV_HUGEPAGE);  // a wish; small pages do too
    writable_ = wanted;
  }
  resident_ += missing(offset, bytes);
  for (size_t i = chunk_below(offset); i < chunk_above(end); ++i) chunks_[i] = true;
  return true;
}

size_t AddressRange::drop(size_t offset, size_t bytes) {
  const size_t last = chunk_below(offset + bytes);
  size_t dropped = 0;
  for (size_t i = chunk_above(offset); i < last; ++i) {
    if (!chunks_[i]) continue;
    size_t end = i + 1;
    while (end < last && chunks_[end]) ++end;
    if (madvise(base_ + i * kChunk, (end - i) * kChunk, MADV_DONTNEED) != 0) continue;
    std::fill(chunks_.begin() + static_cast<std::ptrdiff_t>(i),
              chunks_.begin() + static_cast<std::ptrdiff_t>(end), false);
    dropped += (end - i) * kChunk;
    i = end;
  }
  resident_ -= dropped;
  return dropped;
}

}  // namespace mezzotint
