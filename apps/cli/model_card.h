#pragma once

#include <filesystem>
#include <string>

namespace mezzotint::cli {

/// The value of `license:` in the front matter of a model's card (README.md in its folder), or "".
std::string licence_of(const std::filesystem::path& folder);

}  // namespace mezzotint::cli
