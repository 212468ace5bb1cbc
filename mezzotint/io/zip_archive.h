#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "mezzotint/io/file_bytes.h"

namespace mezzotint {

class MappedFile;

/// Reads a zip archive: stored and deflated entries, zip64, no encryption (APPNOTE.TXT 6.3.10).
/// Every offset is checked, entries may not overlap, and what is read must have its checksum.
class ZipArchive {
 public:
  /// Reads the directory. @param where the file's name, for errors. @throws Error when it isn't a
  /// sound archive.
  ZipArchive(std::shared_ptr<const MappedFile> file, std::string where);

  struct Entry {
    uint64_t header = 0;       ///< where the entry begins in the file
    uint64_t data = 0;         ///< where its data begins
    uint64_t packed_size = 0;  ///< bytes in the file
    uint64_t size = 0;         ///< bytes when unpacked
    uint32_t checksum = 0;     ///< CRC-32 of the unpacked bytes
    bool deflated = false;
  };

  const std::map<std::string, Entry>& entries() const { return entries_; }
  bool contains(const std::string& name) const { return entries_.contains(name); }
  /// The bytes of a stored entry lie in the mapped file, those of a deflated one in memory of their
  /// own.
  /// @throws Error when there is no such entry or it is damaged.
  FileBytes read(const std::string& name) const;

 private:
  void read_directory();
  void place(Entry& entry, const std::string& name, uint64_t directory) const;

  std::shared_ptr<const MappedFile> file_;
  std::string where_;
  std::map<std::string, Entry> entries_;
};

}  // namespace mezzotint
