#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace mezzotint {

/// The content of a file that may be packed by gzip. @throws Error when it can't be read, is
/// damaged, or unpacks to more than `most` bytes.
std::string read_gzip_file(const std::filesystem::path& path, size_t most);

}  // namespace mezzotint
