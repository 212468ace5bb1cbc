#pragma once

#include <cstddef>
#include <vector>

namespace mezzotint {

/// A range of addresses reserved from the system, whose memory comes and goes in whole chunks of
/// the size of a huge page. Reserving costs nothing; memory is there from the first touch after
/// use() until drop().
class AddressRange {
 public:
  /// A huge page of x86-64, and of 64-bit ARM with pages of 4 KB. Linux is asked for such pages
  /// here: five hundred times fewer faults, and fewer misses when addresses are looked up.
  static constexpr size_t kChunk = size_t{2} << 20;

  /// Reserves `bytes`, or the largest half, quarter, ... of it that the system grants; size() is 0
  /// when it grants nothing.
  explicit AddressRange(size_t bytes);
  ~AddressRange();
  AddressRange(const AddressRange&) = delete;
  AddressRange& operator=(const AddressRange&) = delete;

  std::byte* base() const { return base_; }
  size_t size() const { return chunks_.size() * kChunk; }

  /// Bytes of the chunks under [offset, offset + bytes) that have no memory yet.
  size_t missing(size_t offset, size_t bytes) const;
  /// Lets [offset, offset + bytes) be read and written. @returns false when the system refuses.
  bool use(size_t offset, size_t bytes);
  /// Gives back the memory of all chunks that lie wholly in [offset, offset + bytes); what they
  /// held is lost. @returns the bytes given back.
  size_t drop(size_t offset, size_t bytes);
  /// Bytes of all chunks in use.
  size_t resident() const { return resident_; }

 private:
  std::byte* mapping_ = nullptr;  ///< as the system gave it
  size_t mapped_ = 0;
  std::byte* base_ = nullptr;  ///< its first whole chunk
  size_t writable_ = 0;        ///< bytes from base_ on that may be touched
  size_t resident_ = 0;
  std::vector<bool> chunks_;  ///< those in use
};

}  // namespace mezzotint
