#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace mezzotint {

/// A regular file in memory, read page by page as it is used. The mapping is private: writing to it
/// changes this process's copy of a page and never the file. It stays valid when the file is
/// replaced or deleted; a file that somebody cuts short in place while it is mapped can't be
/// defended against.
class MappedFile {
 public:
  /// @throws Error naming the file and the system's reason.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  char* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view bytes() const { return {data_, size_}; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mezzotint
