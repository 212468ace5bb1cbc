#pragma once

#include <filesystem>
#include <string_view>

namespace mezzotint {

/// A file that comes into being, or replaces an old one, in one step: bytes go to a temporary file
/// in the same folder, `commit` syncs it, renames it and syncs the folder. Without `commit` nothing
/// is left behind and the old file stays. A symbolic link is replaced, not followed: a link into a
/// shared cache must not change the cache.
class AtomicFile {
 public:
  /// @throws Error naming `path` and the system's reason.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail_system();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// A name for something temporary beside `path`: hidden, recognisable and random.
std::filesystem::path temporary_beside(const std::filesystem::path& path);

/// Whether it has a name as temporary_beside() gives.
bool is_temporary(const std::filesystem::path& path);

/// Removes what killed processes left in `folder` under names that temporary_beside() gives. Only
/// for folders that no other process writes to. What can't be removed stays.
void remove_temporaries(const std::filesystem::path& folder);

/// Syncs a file or a folder. @throws Error naming it and the system's reason.
void sync_to_disk(const std::filesystem::path& path);

}  // namespace mezzotint
