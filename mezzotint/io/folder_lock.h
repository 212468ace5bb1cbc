#pragma once

#include <filesystem>

namespace mezzotint {

/// While it lives no other process can have one of the same folder: a lock on FOLDER/.lock, which
/// the system takes away when the process ends, however it ends.
class FolderLock {
 public:
  static constexpr const char* kFile = ".lock";

  /// @throws Error when another process has it. On file systems without locks there is none.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();

  /// Whether a process, this one included, has the folder's lock.
  static bool held(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace mezzotint
