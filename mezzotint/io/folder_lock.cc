#include "mezzotint/io/folder_lock.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kFile;
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    fail("cannot open ", path.string(), ": ", std::generic_category().message(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  fail(folder.string(),
       ": another process is at work in this folder; wait for its end, or stop it");
}

bool FolderLock::held(const std::filesystem::path& folder) {
  const int descriptor = ::open((folder / kFile).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool free = ::flock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  ::close(descriptor);
  return !free;
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace mezzotint
