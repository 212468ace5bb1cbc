#include "mezzotint/io/gzip_file.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <zlib.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

std::string read_gzip_file(const std::filesystem::path& path, size_t most) {
  struct Close {
    void operator()(gzFile_s* file) const { gzclose(file); }
  };
  const std::unique_ptr<gzFile_s, Close> file(gzopen(path.c_str(), "rb"));
  if (!file) fail(path.string(), ": can't be read: ", std::strerror(errno));
  constexpr size_t kChunk = size_t{1} << 20U;
  std::string content;
  for (;;) {
    const size_t begin = content.size();
    content.resize(begin + kChunk);
    const int got = gzread(file.get(), content.data() + begin, kChunk);
    if (got < 0) {
      int code = 0;
      fail(path.string(), ": can't be unpacked: ", gzerror(file.get(), &code));
    }
    content.resize(begin + static_cast<size_t>(got));
    if (content.size() > most) fail(path.string(), ": unpacks to more than ", most, " bytes");
    if (static_cast<size_t>(got) < kChunk) break;
  }
  int code = 0;
  const char* reason = gzerror(file.get(), &code);  // an end too early shows only here
  if (code != Z_OK && code != Z_STREAM_END) fail(path.string(), ": can't be unpacked: ", reason);
  return content;
}

}  // namespace mezzotint
