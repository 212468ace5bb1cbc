#pragma once

#include <filesystem>
#include <string_view>

namespace mezzotint {

/// @throws Error when the content is what git leaves in the place of a large file that git-lfs
/// hasn't fetched.
void refuse_lfs_pointer(std::string_view content, const std::filesystem::path& path);

}  // namespace mezzotint
