#include "mezzotint/io/inflate.h"

#include <algorithm>
#include <limits>
#include <memory>

#include <zlib.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// No deflate stream grows by more than this: RFC 1951 codes 258 bytes in two bits at best.
constexpr uint64_t kLargestGrowth = 1032;

struct Stream {
  z_stream state{};
  ~Stream() { inflateEnd(&state); }
};

}  // namespace

FileBytes inflate(std::string_view packed, uint64_t size, const std::string& what) {
  if (size / kLargestGrowth > packed.size())
    fail(what, ": damaged: ", packed.size(), " packed bytes can't hold ", size);
  const auto out = std::make_shared<std::string>();
  Stream stream;
  if (inflateInit2(&stream.state, -MAX_WBITS) != Z_OK) fail(what, ": zlib doesn't start");
  stream.state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  size_t packed_left = packed.size();
  int result = Z_OK;
  while (result == Z_OK) {
    if (stream.state.avail_in == 0) {
      const size_t piece = std::min<size_t>(packed_left, std::numeric_limits<uInt>::max());
      stream.state.avail_in = static_cast<uInt>(piece);
      packed_left -= piece;
    }
    // One byte beyond the size, so that a stream that is too long shows.
    const size_t done = out->size();
    const size_t block = std::min<uint64_t>(size_t{1} << 20U, size - done + 1);
    out->resize(done + block);
    stream.state.next_out = reinterpret_cast<Bytef*>(out->data() + done);
    stream.state.avail_out = static_cast<uInt>(block);
    result = ::inflate(&stream.state, Z_NO_FLUSH);
    out->resize(done + block - stream.state.avail_out);
    if (out->size() > size) break;
  }
  if (result != Z_STREAM_END || out->size() != size)
    fail(what, ": damaged: the packed bytes give ", out->size() > size ? "more" : "less", " than ",
         size);
  return {out->data(), out->size(), out};
}

uint32_t crc32_of(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace mezzotint
