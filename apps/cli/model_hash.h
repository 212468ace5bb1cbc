#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mezzotint::cli {

/// Weight files of this variant in a model's folder and below, sorted: .safetensors files, else
/// .bin files. Of a file, the file.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& folder,
                                                const std::string& variant);

/// What identifies a model's weights: the SHA-256 of its only weight file, or, of several, that of
/// the list of their names and SHA-256s as `sha256sum` prints it.
std::string model_sha256(const std::filesystem::path& folder, const std::string& variant);

}  // namespace mezzotint::cli
