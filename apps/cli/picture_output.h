#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/base/tensor.h"

namespace mezzotint::cli {

/// Makes the folder of a file that will be written later, so that hours of work don't end in an
/// error.
/// @throws Error that names `option` when it can't be made or written to, or `file` is a folder.
void make_place_for(const std::filesystem::path& file, const std::string& option);

/// Where sampled pictures go: OUT is a .png file (one picture, or a grid), a .safetensors file (the
/// tensor `images`, NCHW float32 in model range), or a folder (each picture and grid.png).
class PictureOutput {
 public:
  /// @throws Error (kUsage) for another ending, Error when the place can't be written to.
  explicit PictureOutput(const std::string& out);

  /// Writes the pictures. @param images_bchw in model range. @param recipe goes into every PNG;
  /// those of a folder get `image` and their own seed and label added. @return the files written.
  std::vector<std::string> write(const Tensor& images_bchw, int64_t columns,
                                 const nlohmann::json& recipe) const;

  /// Numbered pictures of an earlier run, of more pictures, that still lie in the folder.
  std::vector<std::string> left_over(int64_t count) const;

  /// Whether pictures are written, which have 1 or 3 channels, or tensors of any number.
  bool makes_pictures() const { return kind_ != Kind::kSafetensors; }

  /// The folder for previews: beside OUT, or in it.
  std::filesystem::path preview_folder() const;

 private:
  enum class Kind { kPng, kSafetensors, kFolder };
  std::filesystem::path out_;
  Kind kind_;
};

}  // namespace mezzotint::cli
