#include "mezzotint/io/mapped_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto fail_read = [&](const std::string& reason) {
    if (descriptor >= 0) ::close(descriptor);
    fail("cannot read ", path.string(), ": ", reason);
  };
  if (descriptor < 0) fail_read(std::generic_category().message(errno));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail_read(std::generic_category().message(errno));
  if (!S_ISREG(status.st_mode)) fail_read("not a regular file");
  size_ = static_cast<size_t>(status.st_size);
  if (size_ > 0) {
    // NORESERVE: a file larger than the memory may be mapped, since few pages are ever written to.
    void* const start =
        ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0);
    if (start == MAP_FAILED) fail_read(std::generic_category().message(errno));
    data_ = static_cast<char*>(start);
  }
  ::close(descriptor);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace mezzotint
