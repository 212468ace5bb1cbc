#pragma once

#include <cstdint>
#include <filesystem>

namespace mezzotint {

/// CRC-32 (as in zlib and PNG) of a whole file, read in pieces. @throws Error naming the file.
uint32_t file_crc32(const std::filesystem::path& path);

}  // namespace mezzotint
