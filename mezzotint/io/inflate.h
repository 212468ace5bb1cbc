#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mezzotint/io/file_bytes.h"

namespace mezzotint {

/// Unpacks a raw deflate stream (RFC 1951) that must give exactly `size` bytes. Memory grows with
/// what is unpacked, not with what is claimed. @param what names it in errors. @throws Error when
/// the stream is damaged or gives another size.
FileBytes inflate(std::string_view packed, uint64_t size, const std::string& what);

/// CRC-32 as zip files use it.
uint32_t crc32_of(std::string_view bytes);

}  // namespace mezzotint
