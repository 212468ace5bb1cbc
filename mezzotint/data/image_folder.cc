#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "mezzotint/base/error.h"
#include "mezzotint/data/dataset_kind.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

bool is_picture_name(const fs::path& path) {
  static const std::set<std::string> kSuffixes = {".png", ".jpg", ".jpeg", ".jpe", ".webp"};
  std::string suffix = path.extension().string();
  std::ranges::transform(suffix, suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  return kSuffixes.contains(suffix);
}

/// Collects the pictures below a folder. Hidden files and folders are left out. No folder is
/// entered twice, however many symbolic links lead to it, and its own path goes before those of
/// links; so loops end.
class Walk {
 public:
  explicit Walk(const fs::path& root) : root_(root) {
    links_.push_back(root);
    for (size_t i = 0; i < links_.size(); ++i) {
      const size_t known = links_.size();
      const fs::path folder = links_[i];  // entering it may add links
      enter(folder);
      std::sort(links_.begin() + static_cast<std::ptrdiff_t>(known), links_.end());
    }
    std::ranges::sort(found_);
  }
  std::vector<fs::path> take() { return std::move(found_); }

 private:
  void enter(const fs::path& folder) {
    std::error_code error;
    if (!entered_.insert(fs::canonical(folder, error)).second) return;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) visit(*entry);
    if (error) fail(folder.string(), ": can't be read: ", error.message());
  }

  void visit(const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.path().filename().string().starts_with('.')) return;
    if (entry.is_directory(error))
      entry.is_symlink(error) ? links_.push_back(entry.path()) : enter(entry.path());
    else if (is_picture_name(entry.path()) &&
             (entry.is_regular_file(error) || !entry.exists(error)))
      found_.push_back(entry.path().lexically_relative(
          root_));  // a dangling link counts: reading it will say so
  }

  fs::path root_;
  std::vector<fs::path>
      links_;  ///< the root, then the links to folders in the order in which they were met
  std::set<fs::path> entered_;  ///< without links
  std::vector<fs::path> found_;
};

/// Pictures below a folder, in the order of their paths. When each lies in a sub-folder, the first
/// part of its path is its class.
class ImageFolder : public Dataset {
 public:
  explicit ImageFolder(const fs::path& root) : root_(root), files_(Walk(root).take()) {
    if (files_.empty())
      fail(root.string(), ": no pictures; wanted .png, .jpg, .jpeg or .webp files in it or below");
    std::map<std::string, int64_t> classes;
    for (const fs::path& file : files_) {
      if (!file.has_parent_path()) return;  // a picture outside all sub-folders: no classes
      classes.emplace(file.begin()->string(), 0);
    }
    for (auto& [name, label] : classes) {
      label = static_cast<int64_t>(classes_.size());
      classes_.push_back(name);
    }
    for (const fs::path& file : files_) labels_.push_back(classes.at(file.begin()->string()));
  }

  int64_t size() const override { return static_cast<int64_t>(files_.size()); }
  const std::vector<std::string>& class_names() const override { return classes_; }

  Example get(int64_t index) const override {
    MEZZO_CHECK(index >= 0 && index < size(), root_.string(), ": there is no picture ", index,
                ", there are ", size());
    const fs::path& file = files_[index];
    return {read_image(root_ / file), labels_.empty() ? -1 : labels_[index], file.string()};
  }

  std::string describe() const override {
    return concat("image folder: ", size(), size() == 1 ? " picture, " : " pictures, ",
                  classes_.empty() ? "no classes" : concat(classes_.size(), " classes"));
  }

 private:
  fs::path root_;
  std::vector<fs::path> files_;  ///< below root_
  std::vector<std::string> classes_;
  std::vector<int64_t> labels_;
};

bool recognises_folder(const fs::path& path) {
  if (!fs::is_directory(path)) return false;
  for (const auto& entry : fs::directory_iterator(path)) {
    // A folder of idx files is another kind.
    const std::string name = entry.path().filename().string();
    if (name.find("images") != std::string::npos && name.find("idx3-ubyte") != std::string::npos)
      return false;
  }
  return true;
}

const Registered<DatasetKind> kFolder("image-folder",
                                      {recognises_folder,
                                       [](const fs::path& path, const std::string&,
                                          const std::vector<std::string>&) -> DatasetPtr {
                                         return std::make_shared<ImageFolder>(path);
                                       }});

}  // namespace
}  // namespace mezzotint
