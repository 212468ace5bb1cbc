#include <algorithm>
#include <optional>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/data/dataset_kind.h"
#include "mezzotint/data/find_pictures.h"
#include "mezzotint/data/idx_file.h"
#include "mezzotint/io/image.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// Grey pictures of one size with a label each: MNIST and what is stored like it.
class IdxDataset : public Dataset {
 public:
  IdxDataset(const fs::path& images, const std::optional<fs::path>& labels, std::string prefix,
             std::vector<std::string> classes)
      : images_(read_idx(images, 3)), prefix_(std::move(prefix)), classes_(std::move(classes)) {
    height_ = images_.shape[1];
    width_ = images_.shape[2];
    if (width_ * height_ > kMaxPixels)
      fail(images.string(), ": pictures of ", width_, " x ", height_, " pixels");
    if (!labels) {
      classes_.clear();
      return;
    }
    read_labels(*labels, images);
  }

  int64_t size() const override { return images_.shape[0]; }
  const std::vector<std::string>& class_names() const override { return classes_; }

  Example get(int64_t index) const override {
    MEZZO_CHECK(index >= 0 && index < size(), prefix_, "[", index, "]: the data set has ",
                counted(size(), "picture"));
    Example example;
    const int64_t area = width_ * height_;
    example.image.width = static_cast<int>(width_);
    example.image.height = static_cast<int>(height_);
    example.image.channels = 1;
    example.image.stored_as = "idx grey";
    example.image.pixels.assign(images_.values.begin() + index * area,
                                images_.values.begin() + (index + 1) * area);
    example.label = labels_.empty() ? -1 : labels_[index];
    example.name = concat(prefix_, "[", index, "]");
    return example;
  }

  int64_t held_bytes() const override { return static_cast<int64_t>(images_.values.size()); }

  std::string describe() const override {
    return concat("idx: ", counted(size(), "grey picture"), " of ", width_, " x ", height_, ", ",
                  classes_.empty() ? "no labels" : counted(classes_.size(), "class", "es"));
  }

 private:
  void read_labels(const fs::path& path, const fs::path& images) {
    labels_ = read_idx(path, 1).values;
    if (static_cast<int64_t>(labels_.size()) != size())
      fail(path.string(), ": ", counted(labels_.size(), "label"), " for ",
           counted(size(), "picture"), " of ", images.string());
    const size_t most = *std::ranges::max_element(labels_);
    if (classes_.empty())
      for (size_t i = 0; i <= most; ++i) classes_.push_back(std::to_string(i));
    if (most >= classes_.size())
      fail(path.string(), ": label ", most, " of ", counted(classes_.size(), "class", "es"),
           ", 0 to ", classes_.size() - 1);
  }

  IdxArray images_;
  std::vector<uint8_t> labels_;
  std::string prefix_;
  std::vector<std::string> classes_;
  int64_t width_ = 0;
  int64_t height_ = 0;
};

bool is_images_name(const std::string& name) {
  return name.find("images") != std::string::npos &&
         (name.ends_with("idx3-ubyte") || name.ends_with("idx3-ubyte.gz"));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  if (const size_t at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

/// The labels that belong to a file of pictures: the same name with "labels" and "idx1", gzipped or
/// not.
std::optional<fs::path> labels_beside(const fs::path& images) {
  std::string name =
      replaced(replaced(images.filename().string(), "images", "labels"), "idx3", "idx1");
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  for (const std::string& candidate : {name, name + ".gz"})
    if (fs::exists(images.parent_path() / candidate)) return images.parent_path() / candidate;
  return std::nullopt;
}

std::vector<fs::path> image_files_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : folder_entries(folder))
    if (is_images_name(entry.path().filename().string())) found.push_back(entry.path());
  return found;  // a plain file stands before its gzipped twin
}

bool belongs_to(const std::string& name, const std::string& split) {
  const bool test =
      name.find("t10k-") != std::string::npos || name.find("test-") != std::string::npos;
  return split == "test" ? test : name.find("train-") != std::string::npos;
}

fs::path choose_file(const fs::path& path, const std::string& split) {
  if (!fs::is_directory(path)) return path;
  std::vector<std::string> names;
  for (const fs::path& file : image_files_in(path)) {
    if (belongs_to(file.filename().string(), split)) return file;
    names.push_back(file.filename().string());
  }
  fail(path.string(), ": no pictures for the split '", split, "'; found ", joined(names),
       ", wanted ", split == "test" ? "t10k" : "train", "-images-idx3-ubyte[.gz]");
}

bool recognises_idx(const fs::path& path) {
  return fs::is_directory(path) ? !image_files_in(path).empty()
                                : path.filename().string().find("idx") != std::string::npos;
}

DatasetPtr open_idx(const fs::path& path, const std::string& split,
                    const std::vector<std::string>& classes) {
  const fs::path images = choose_file(path, split);
  return std::make_shared<IdxDataset>(images, labels_beside(images), split, classes);
}

const Registered<DatasetKind> kIdx("idx", {recognises_idx, open_idx});

}  // namespace
}  // namespace mezzotint
