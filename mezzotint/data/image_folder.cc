#include <map>
#include <set>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/data/dataset_kind.h"
#include "mezzotint/data/find_pictures.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// Pictures below a folder, in the order of their paths. When each lies in a sub-folder, the first
/// part of its path is its class.
class ImageFolder : public Dataset {
 public:
  explicit ImageFolder(const fs::path& root) : root_(root) {
    FoundFiles found = find_pictures(root);
    files_ = std::move(found.pictures);
    for (const fs::path& file : found.others) skipped_.push_back(file.string());
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

  std::vector<std::string> skipped() const override { return skipped_; }

  std::string describe() const override {
    return concat("image folder: ", counted(size(), "picture"), ", ",
                  classes_.empty() ? "no classes" : counted(classes_.size(), "class", "es"));
  }

 private:
  fs::path root_;
  std::vector<fs::path> files_;  ///< below root_
  std::vector<std::string> skipped_;
  std::vector<std::string> classes_;
  std::vector<int64_t> labels_;
};

bool recognises_folder(const fs::path& path) {
  if (!fs::is_directory(path)) return false;
  for (const auto& entry : folder_entries(path)) {
    // A folder of idx files is another kind.
    const std::string name = entry.path().filename().string();
    if (name.find("images") != std::string::npos && name.find("idx3-ubyte") != std::string::npos)
      return false;
  }
  return true;
}

/// A folder whose sub-folders are splits, as `datasets` lays them out, rather than classes.
bool holds_splits(const fs::path& root) {
  static const std::set<std::string> kSplits = {"train", "test", "validation", "val", "valid"};
  bool any = false;
  for (const auto& entry : folder_entries(root)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory()) continue;
    if (!kSplits.contains(name)) return false;
    any = true;
  }
  return any;
}

DatasetPtr open_folder(const fs::path& root, const std::string& split,
                       const std::vector<std::string>&) {
  if (holds_splits(root)) {
    if (!fs::is_directory(root / split))
      fail(root.string(), ": has folders for splits, but none named '", split, "'");
    return std::make_shared<ImageFolder>(root / split);
  }
  if (split != "train")
    fail(root.string(), ": has no folder named '", split,
         "'; all its pictures are the split 'train'");
  return std::make_shared<ImageFolder>(root);
}

const Registered<DatasetKind> kFolder("image-folder", {recognises_folder, open_folder});

}  // namespace
}  // namespace mezzotint
