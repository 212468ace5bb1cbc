#include "mezzotint/io/files.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/atomic_file.h"
#include "mezzotint/io/git_lfs.h"
#include "mezzotint/io/json_text.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLargestJson = size_t{64} << 20U;

struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

[[noreturn]] void fail_read(const fs::path& path) {
  fail("cannot read ", path.string(), ": ", std::generic_category().message(errno));
}

}  // namespace

std::string read_file(const fs::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0) fail_read(path);
  struct stat status {};
  if (::fstat(file.value, &status) != 0) fail_read(path);
  std::string content;
  if (S_ISREG(status.st_mode)) content.reserve(static_cast<size_t>(status.st_size));
  std::array<char, 1U << 16U> block;
  while (true) {
    const ssize_t got = ::read(file.value, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_read(path);
    if (got == 0) return content;
    content.append(block.data(), static_cast<size_t>(got));
  }
}

void write_file_atomic(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

nlohmann::json read_json(const fs::path& path, DuplicateKeys duplicates) {
  std::error_code unknown;  // a pipe has no size
  if (const auto size = fs::file_size(path, unknown); !unknown && size > kLargestJson)
    fail(path.string(), ": ", size, " bytes; a JSON file has at most ", kLargestJson);
  const std::string content = read_file(path);
  refuse_lfs_pointer(content, path);
  return parse_json(content, path.string(), duplicates);
}

void write_json(const fs::path& path, const nlohmann::json& json) {
  write_file_atomic(path, format_json(json) + "\n");
}

}  // namespace mezzotint
