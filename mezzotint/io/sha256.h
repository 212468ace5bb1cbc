#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mezzotint {

/// SHA-256 as 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

/// SHA-256 of a whole file, read in pieces. @throws Error naming the file.
std::string file_sha256(const std::filesystem::path& path);

}  // namespace mezzotint
