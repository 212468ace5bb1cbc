#include "mezzotint/data/find_pictures.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

bool is_picture_name(const fs::path& path) {
  static const std::set<std::string> kSuffixes = {".png", ".jpg", ".jpeg", ".jpe", ".webp"};
  std::string suffix = path.extension().string();
  std::ranges::transform(suffix, suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  return kSuffixes.contains(suffix);
}

class Walk {
 public:
  explicit Walk(const fs::path& root) : root_(root) {
    links_.push_back(root);
    for (size_t i = 0; i < links_.size(); ++i) {
      const fs::path folder = links_[i];  // entering it may add links
      enter(folder);
    }
    std::ranges::sort(found.pictures);
    std::ranges::sort(found.others);
  }

  FoundFiles found;

 private:
  void enter(const fs::path& folder) {
    std::error_code error;
    if (!entered_.insert(fs::canonical(folder, error)).second) return;
    for (const fs::directory_entry& entry : folder_entries(folder)) visit(entry);
  }

  void visit(const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.is_directory(error)) {
      entry.is_symlink(error) ? links_.push_back(entry.path()) : enter(entry.path());
    } else if (entry.is_regular_file(error) || !entry.exists(error)) {
      const fs::path below = entry.path().lexically_relative(root_);
      (is_picture_name(below) ? found.pictures : found.others).push_back(below);
    }
  }

  fs::path root_;
  std::vector<fs::path> links_;  ///< the root, then links to folders in the order of meeting them
  std::set<fs::path> entered_;   ///< without links
};

}  // namespace

std::vector<fs::directory_entry> folder_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (!entry->path().filename().string().starts_with('.')) entries.push_back(*entry);
  if (error) fail(folder.string(), ": can't be read: ", error.message());
  std::ranges::sort(entries);
  return entries;
}

FoundFiles find_pictures(const fs::path& root) { return std::move(Walk(root).found); }

}  // namespace mezzotint
