#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mezzotint/io/file_tensor.h"

namespace mezzotint {

/// The entries of a zip file in memory, stored or deflated, zip64 included. Sizes and places are
/// checked against the file when it is opened, checksums when an entry is read.
class ZipArchive {
 public:
  /// @param name of the file, for errors. @throws Error when it is no zip file or damaged.
  ZipArchive(FileBytes file, std::string name);

  std::vector<std::string> names() const;
  bool contains(const std::string& entry) const { return entries_.contains(entry); }
  /// The entry's bytes: a part of the file where it is stored, else unpacked. @throws Error when
  /// the entry is missing, damaged, encrypted or packed in another way.
  FileBytes read(const std::string& entry) const;

 private:
  struct Entry {
    uint64_t method = 0, packed_size = 0, size = 0, header = 0;
    uint32_t crc = 0;
    bool encrypted = false;
  };
  void read_directory();
  FileBytes unpacked(const Entry& entry, const FileBytes& packed, const std::string& what) const;

  FileBytes file_;
  std::string name_;
  std::map<std::string, Entry> entries_;
};

}  // namespace mezzotint
