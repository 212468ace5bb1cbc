#include "mezzotint/data/idx_file.h"

#include <algorithm>
#include <memory>
#include <string>

#include <zlib.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

// Deflate can't shrink data by more than this.
constexpr uint64_t kDeflateRatio = 1032;
constexpr uint64_t kMaxBytes = 16'000'000'000;

struct Close {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

/// A file, plain or gzipped, read front to back.
class GzReader {
 public:
  explicit GzReader(const std::filesystem::path& path)
      : name_(path.string()), file_(gzopen(path.c_str(), "rb")) {
    if (!file_) fail(name_, ": can't be opened");
  }

  /// @returns how many bytes there were, up to `count`.
  uint64_t read(uint8_t* out, uint64_t count) {
    uint64_t done = 0;
    while (done < count) {
      const auto chunk = static_cast<unsigned>(std::min<uint64_t>(count - done, 1 << 24));
      const int got = gzread(file_.get(), out + done, chunk);
      if (got < 0) fail_damaged();
      if (got == 0) break;
      done += static_cast<uint64_t>(got);
    }
    return done;
  }

  void read_exactly(uint8_t* out, uint64_t count, const char* what) {
    const uint64_t got = read(out, count);
    if (got != count)
      fail(name_, ": ends early: ", got, " of ", counted(count, "byte"), " of ", what);
  }

  /// Also checks gzip's own checksum, which stands behind the last byte.
  void expect_end() {
    uint8_t more = 0;
    if (read(&more, 1) != 0) fail(name_, ": has more bytes than its header says");
    int code = Z_OK;
    gzerror(file_.get(), &code);
    if (code != Z_OK) fail_damaged();
  }

 private:
  [[noreturn]] void fail_damaged() {
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    fail(name_, ": damaged: ", code == Z_BUF_ERROR ? "the file ends early" : reason);
  }

  std::string name_;
  std::unique_ptr<gzFile_s, Close> file_;
};

/// The product of the sizes. @throws Error when the file is too small to unpack to that.
uint64_t checked_count(const std::vector<int64_t>& shape, const std::filesystem::path& path) {
  uint64_t count = 1;
  for (const int64_t size : shape) {
    if (size == 0) fail(path.string(), ": an empty idx file: one of its sizes is 0");
    if (count > kMaxBytes / static_cast<uint64_t>(size))
      fail(path.string(), ": its header asks for more than ", kMaxBytes, " bytes");
    count *= static_cast<uint64_t>(size);
  }
  const uint64_t packed = std::filesystem::file_size(path);
  if (count > packed * kDeflateRatio)
    fail(path.string(), ": its header asks for ", counted(count, "byte"), ", which a file of ",
         counted(packed, "byte"), " can't hold");
  return count;
}

}  // namespace

IdxArray read_idx(const std::filesystem::path& path, int dimensions) {
  GzReader reader(path);
  uint8_t magic[4] = {};
  reader.read_exactly(magic, 4, "the header");
  if (magic[0] != 0 || magic[1] != 0)
    fail(path.string(), ": not an idx file (its first two bytes aren't 0)");
  if (magic[2] != 0x08)
    fail(path.string(), ": idx values of type ", int{magic[2]}, ", wanted 8 (unsigned bytes)");
  if (magic[3] != dimensions)
    fail(path.string(), ": idx with ", counted(int{magic[3]}, "dimension"), ", wanted ", dimensions,
         dimensions == 3 ? " (pictures)" : " (labels)");
  IdxArray array;
  for (int i = 0; i < dimensions; ++i) {
    uint8_t b[4] = {};
    reader.read_exactly(b, 4, "the header");
    array.shape.push_back(int64_t{b[0]} << 24 | b[1] << 16 | b[2] << 8 | b[3]);
  }
  array.values.resize(checked_count(array.shape, path));
  reader.read_exactly(array.values.data(), array.values.size(), "values");
  reader.expect_end();
  return array;
}

}  // namespace mezzotint
