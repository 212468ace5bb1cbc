#include "mezzotint/training/file_checksum.h"

#include <fstream>
#include <vector>

#include <zlib.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

uint32_t file_crc32(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  MEZZO_CHECK(file, path.string(), ": can't be opened");
  std::vector<char> piece(1 << 20);
  uLong crc = crc32(0, nullptr, 0);
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    crc =
        crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(file.gcount()));
  }
  MEZZO_CHECK(file.eof(), path.string(), ": can't be read to its end");
  return static_cast<uint32_t>(crc);
}

}  // namespace mezzotint
