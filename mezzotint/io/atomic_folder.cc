#include <cerrno>
#include <cstdio>
#include <system_error>
#include <vector>

#include <fcntl.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/atomic_file.h"
#include "mezzotint/io/files.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// The real place of `path`: absolute, links followed, no slash at the end.
fs::path real_place(const fs::path& path) {
  std::error_code error;
  fs::path place = fs::weakly_canonical(fs::absolute(path), error);
  if (error) fail("cannot write ", path.string(), ": ", error.message());
  if (!place.has_filename()) place = place.parent_path();
  if (place == place.root_path()) fail("cannot write ", path.string(), ": it is the root folder");
  return place;
}

/// The folders that are made for a new one, and taken away again unless kept.
class NewFolders {
 public:
  /// Makes what is missing above and including `folder`.
  void make(const fs::path& folder) {
    if (fs::exists(folder)) return;
    make(folder.parent_path());
    std::error_code error;
    if (fs::create_directory(folder, error)) made_.push_back(folder);
    if (error) fail("cannot make the folder ", folder.string(), ": ", error.message());
  }
  void keep() { made_.clear(); }
  ~NewFolders() {
    std::error_code ignored;
    for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder)
      fs::remove(*folder, ignored);
  }

 private:
  std::vector<fs::path> made_;
};

/// A folder that is removed, with what is in it, when this object goes.
struct Scratch {
  fs::path path;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

void sync_tree(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (!entry.is_symlink() && (entry.is_regular_file() || entry.is_directory()))
      sync_to_disk(entry.path());
  sync_to_disk(folder);
}

void rename_or_fail(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail("cannot rename ", from.string(), " to ", to.string(), ": ", error.message());
}

/// Puts the folder `fresh` in the place of the folder `place`, which is afterwards at `fresh`.
void swap_folders(const fs::path& fresh, const fs::path& place) {
#ifdef RENAME_EXCHANGE
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS)
    fail("cannot replace ", place.string(), ": ", std::generic_category().message(errno));
#endif
  // A file system that can't exchange: the place is empty for a moment, never half filled.
  const fs::path aside = temporary_beside(place);
  rename_or_fail(place, aside);
  try {
    rename_or_fail(fresh, place);
  } catch (...) {
    rename_or_fail(aside, place);
    throw;
  }
  rename_or_fail(aside, fresh);
}

}  // namespace

void write_folder_atomic(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  const fs::path place = real_place(path);
  if (fs::exists(place) && !fs::is_directory(place))
    fail("cannot write the folder ", path.string(), ": a file of that name exists");
  try {
    NewFolders parents;
    parents.make(place.parent_path());
    const Scratch scratch{temporary_beside(place)};
    fs::create_directory(scratch.path);
    fill(scratch.path);
    sync_tree(scratch.path);
    if (fs::exists(place))
      swap_folders(scratch.path, place);
    else
      rename_or_fail(scratch.path, place);
    parents.keep();
    sync_to_disk(place.parent_path());
  } catch (const fs::filesystem_error& error) {
    fail("cannot write the folder ", path.string(), ": ", error.code().message());
  }
}

}  // namespace mezzotint
