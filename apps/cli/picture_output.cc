#include "apps/cli/picture_output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <unistd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/weights.h"
#include "mezzotint/io/image.h"
#include "mezzotint/io/image_tensor.h"
#include "mezzotint/io/safetensors.h"

#include "apps/cli/recipe.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

void write_with_recipe(const fs::path& path, const Tensor& x_chw, const nlohmann::json& recipe) {
  Image image = tensor_to_image(x_chw);
  image.text = recipe_chunks(recipe);
  write_png(path, image);
}

Tensor sheet(const Tensor& images_bchw, int64_t columns) {
  return images_bchw.size(0) == 1 ? images_bchw[0] : make_grid(images_bchw, columns);
}

/// The recipe of picture `index` alone.
nlohmann::json recipe_of(nlohmann::json recipe, int64_t index) {
  recipe["image"] = index;
  for (const auto& [all, one] : {std::pair{"seeds", "seed"}, std::pair{"labels", "label"}}) {
    if (!recipe.contains(all)) continue;
    recipe[one] = recipe[all].at(static_cast<size_t>(index));
  }
  return recipe;
}

std::string picture_name(int64_t index) {
  char name[32];
  std::snprintf(name, sizeof name, "%04lld.png", static_cast<long long>(index));
  return name;
}

}  // namespace

void make_place_for(const fs::path& file, const std::string& option) {
  std::error_code error;
  if (fs::is_directory(file, error))
    fail(option, " ", file.string(), ": is a folder, wanted a file");
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  fs::create_directories(folder, error);
  if (error)
    fail(option, " ", file.string(), ": can't make the folder ", folder.string(), ": ",
         error.message());
  if (access(folder.c_str(), W_OK) != 0)
    fail(option, " ", file.string(), ": can't write to ", folder.string(), ": ",
         std::strerror(errno));
}

PictureOutput::PictureOutput(const std::string& out) : out_(out) {
  const std::string ending = fs::is_directory(out_) ? "" : out_.extension().string();
  if (ending.empty() && fs::exists(out_) && !fs::is_directory(out_))
    fail_usage("-o ", out,
               ": is a file; wanted a name that ends in .png or .safetensors, or a folder");
  if (ending == ".png")
    kind_ = Kind::kPng;
  else if (ending == ".safetensors")
    kind_ = Kind::kSafetensors;
  else if (ending.empty())
    kind_ = Kind::kFolder;
  else
    fail_usage("-o ", out, ": got the ending '", ending,
               "', wanted .png, .safetensors, or none for a folder");
  make_place_for(kind_ == Kind::kFolder ? out_ / "grid.png" : out_, "-o");
}

std::vector<std::string> PictureOutput::write(const Tensor& images_bchw, int64_t columns,
                                              const nlohmann::json& recipe) const {
  if (kind_ == Kind::kSafetensors) {
    Weights weights;
    weights.set("images", images_bchw.to(at::kCPU).contiguous());
    write_safetensors(out_, weights, {{"format", "pt"}, {"mezzotint", recipe_text(recipe)}});
    return {out_.string()};
  }
  if (kind_ == Kind::kPng) {
    write_with_recipe(out_, sheet(images_bchw, columns), recipe);
    return {out_.string()};
  }
  std::vector<std::string> files;
  for (int64_t i = 0; i < images_bchw.size(0); ++i) {
    const fs::path path = out_ / picture_name(i);
    write_with_recipe(path, images_bchw[i], recipe_of(recipe, i));
    files.push_back(path.string());
  }
  write_with_recipe(out_ / "grid.png", sheet(images_bchw, columns), recipe);
  files.push_back((out_ / "grid.png").string());
  return files;
}

std::vector<std::string> PictureOutput::left_over(int64_t count) const {
  std::vector<std::string> names;
  if (kind_ != Kind::kFolder) return names;
  for (; fs::exists(out_ / picture_name(count)); ++count)
    names.push_back((out_ / picture_name(count)).string());
  return names;
}

fs::path PictureOutput::preview_folder() const {
  if (kind_ == Kind::kFolder) return out_ / "previews";
  return out_.parent_path() / (out_.stem().string() + "-previews");
}

}  // namespace mezzotint::cli
