#pragma once

#include <filesystem>
#include <vector>

namespace mezzotint {

/// What is in a folder, by name; hidden files and folders are left out.
/// @throws Error when it can't be read.
std::vector<std::filesystem::directory_entry> folder_entries(const std::filesystem::path& folder);

/// The files below a folder, as paths from it on, sorted.
struct FoundFiles {
  std::vector<std::filesystem::path> pictures;  ///< by name: .png, .jpg, .jpeg, .jpe, .webp
  std::vector<std::filesystem::path> others;
};

/// Walks through a folder. Hidden files and folders are left out. No folder is entered twice,
/// however many symbolic links lead to it, and its own path goes before those of links; so loops
/// end. A link that leads nowhere counts as a file: reading it will say so.
/// @throws Error naming a folder that can't be read.
FoundFiles find_pictures(const std::filesystem::path& root);

}  // namespace mezzotint
