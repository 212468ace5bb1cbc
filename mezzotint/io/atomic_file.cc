#include "mezzotint/io/atomic_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr size_t kRandomDigits = 12;
constexpr std::string_view kTemporaryEnding = ".tmp";

/// Whether it is of the form .NAME.0123456789ab.tmp
bool has_temporary_form(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with(kTemporaryEnding)) return false;
  name.remove_suffix(kTemporaryEnding.size());
  const size_t dot = name.rfind('.');
  const std::string_view digits = name.substr(dot + 1);
  return dot > 0 && digits.size() == kRandomDigits &&
         digits.find_first_not_of(kHexDigits) == std::string_view::npos;
}

}  // namespace

fs::path temporary_beside(const fs::path& path) {
  constexpr size_t kLongestStem = 200;  // names end at 255 bytes on the usual file systems
  std::random_device device;
  std::string name = "." + path.filename().string().substr(0, kLongestStem) + ".";
  for (size_t i = 0; i < kRandomDigits; ++i) name += kHexDigits[device() % kHexDigits.size()];
  return path.parent_path() / name.append(kTemporaryEnding);
}

bool is_temporary(const fs::path& path) { return has_temporary_form(path.filename().string()); }

void remove_temporaries(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
    if (is_temporary(entry.path())) found.push_back(entry.path());
  for (const fs::path& path : found) fs::remove_all(path, ignored);
}

void sync_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail("cannot open ", path.string(), ": ", std::generic_category().message(errno));
  // EINVAL: this file system has no syncing of such things, and so no promise to keep.
  const int reason = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  ::close(descriptor);
  if (reason != 0)
    fail("cannot sync ", path.string(), ": ", std::generic_category().message(reason));
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path_, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status))
    fail("cannot write ", path_.string(), ": it exists and is not a regular file");
  temporary_ = temporary_beside(path_);
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    temporary_.clear();
    fail_system();
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  constexpr size_t kMost = size_t{1} << 30U;  // one call writes at most 2 GB on Linux
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), kMost));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_system();
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail_system();
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_system();
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail_system();
  temporary_.clear();
  const fs::path folder = path_.parent_path();
  sync_to_disk(folder.empty() ? fs::path(".") : folder);
}

void AtomicFile::fail_system() {
  fail("cannot write ", path_.string(), ": ", std::generic_category().message(errno));
}

}  // namespace mezzotint
