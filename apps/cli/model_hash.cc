#include "apps/cli/model_hash.h"

#include <algorithm>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/io/sha256.h"

namespace mezzotint::cli {

namespace fs = std::filesystem;

std::vector<fs::path> weight_files(const fs::path& folder, const std::string& variant) {
  if (fs::is_regular_file(folder)) return {folder};
  std::vector<fs::path> found;
  for (const char* ending : {".safetensors", ".bin"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const fs::path& path = entry.path();
      if (!entry.is_regular_file() || path.extension() != ending) continue;
      const bool of_variant = path.stem().string().find('.') != std::string::npos;
      if (variant.empty() ? !of_variant : path.stem().string().ends_with("." + variant))
        found.push_back(path);
    }
    if (!found.empty()) break;
  }
  std::ranges::sort(found);
  return found;
}

std::string model_sha256(const fs::path& folder, const std::string& variant) {
  const std::vector<fs::path> files = weight_files(folder, variant);
  if (files.size() == 1) return file_sha256(files[0]);
  std::string list;
  for (const fs::path& file : files)
    list += concat(file_sha256(file), "  ", fs::relative(file, folder).string(), "\n");
  return sha256(list);
}

}  // namespace mezzotint::cli
