#include "mezzotint/io/weights_folder.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <regex>
#include <set>
#include <system_error>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/io/utf8.h"
#include "mezzotint/io/weights_index.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// The names of a component's files: diffusers/utils/constants.py, hub_utils.py `_add_variant`.
struct Names {
  std::string stem;
  std::string dot_variant;  ///< ".fp16" or ""

  /// transformers' and open_clip's differ in the old format: model.safetensors, pytorch_model.bin.
  std::string bin_stem() const {
    if (stem == "model") return "pytorch_model";
    return stem == "open_clip_model" ? "open_clip_pytorch_model" : stem;
  }
  std::string safetensors(const std::string& shard = "") const {
    return stem + dot_variant + shard + ".safetensors";
  }
  std::string safetensors_index() const {
    return stem + ".safetensors.index" + dot_variant + ".json";
  }
  std::string legacy_index() const { return stem + ".safetensors" + dot_variant + ".index.json"; }
  std::string bin() const { return bin_stem() + dot_variant + ".bin"; }
  std::string bin_index() const { return bin_stem() + ".bin.index" + dot_variant + ".json"; }

  /// In the order in which diffusers prefers them.
  std::vector<std::string> candidates() const {
    std::vector<std::string> all = {safetensors_index(), legacy_index(), safetensors(), bin_index(),
                                    bin()};
    if (dot_variant.empty()) all.erase(all.begin() + 1);
    return all;
  }
};

Names names_for(const std::string& stem, const std::string& variant) {
  const std::string forbidden("/\\\0", 3);
  for (const std::string& part : {stem, variant})
    if (part.find_first_of(forbidden) != std::string::npos)
      fail_usage("weights: refuses the name ", in_quotes(part));
  return {stem, variant.empty() ? "" : "." + variant};
}

void check_shard(const WeightsIndex& index, const std::string& shard, const Weights& weights,
                 const fs::path& path) {
  for (const auto& [key, promised] : index.shard_of)
    if (promised == shard && !weights.contains(key))
      fail(path.string(), ": ", in_quotes(key), " should be in ", shard, " but isn't");
  for (const auto& [key, tensor] : weights) {
    const auto found = index.shard_of.find(key);
    if (found == index.shard_of.end())
      fail(path.string(), ": ", shard, " holds ", in_quotes(key), ", which isn't listed");
    if (found->second != shard)
      fail(path.string(), ": ", in_quotes(key), " is in ", shard, " but listed for ",
           found->second);
  }
}

Weights read_shards(const fs::path& index_path) {
  const WeightsIndex index = read_weights_index(index_path);
  const fs::path folder = index_path.parent_path();
  const std::vector<std::string> shards = index.shards();
  std::vector<std::string> missing;
  for (const std::string& shard : shards)
    if (!fs::exists(folder / shard)) missing.push_back(shard);
  if (!missing.empty())
    fail(index_path.string(), ": of ", counted(shards.size(), "shard"), ", ", missing.size(),
         " missing: ", joined(missing));

  Weights weights;
  for (const std::string& shard : shards) {
    const Weights part = read_weights_file(folder / shard);
    check_shard(index, shard, part, index_path);
    for (const auto& [key, tensor] : part) weights.set(key, tensor);
  }
  return weights;
}

/// Weights of the same stem that are there although not asked for: "; there are:
/// x.fp16.safetensors".
std::string others_in(const fs::path& folder, const Names& names) {
  std::set<std::string> others;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool weights = name.ends_with(".safetensors") || name.ends_with(".bin");
    if (weights && (name.starts_with(names.stem) || name.starts_with(names.bin_stem())))
      others.insert(name);
  }
  if (others.empty()) return "";
  return "; there are: " + joined({others.begin(), others.end()}) +
         "; name the variant to read one of these";
}

/// Takes away what an earlier save left and a reader would prefer or mix up: the index, and shards
/// of another count.
void remove_stale(const fs::path& folder, const Names& names,
                  const std::set<std::string>& written) {
  static const std::regex kShard("-[0-9]{5}-of-[0-9]{5}\\.safetensors");
  const std::string start = names.stem + names.dot_variant;
  std::vector<fs::path> stale;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool is_shard =
        name.starts_with(start) && std::regex_match(name.substr(start.size()), kShard);
    const bool is_index = name == names.safetensors_index() || name == names.safetensors();
    if ((is_shard || is_index) && !written.contains(name)) stale.push_back(entry.path());
  }
  // The index goes first: without it nobody looks for the shards.
  std::ranges::sort(stale, {}, [](const fs::path& path) { return path.extension() != ".json"; });
  for (const fs::path& path : stale) fs::remove(path);
}

void write_shards(const fs::path& folder, const std::vector<Weights>& shards, const Names& names,
                  std::set<std::string>& written) {
  nlohmann::json weight_map = nlohmann::json::object();
  int64_t total_size = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    std::array<char, 32> suffix{};
    std::snprintf(suffix.data(), suffix.size(), "-%05zu-of-%05zu", i + 1, shards.size());
    const std::string file = names.safetensors(suffix.data());
    write_safetensors(folder / file, shards[i]);
    written.insert(file);
    for (const auto& [key, tensor] : shards[i]) {
      weight_map[key] = file;
      total_size += static_cast<int64_t>(tensor.nbytes());
    }
  }
  write_json(folder / names.safetensors_index(),
             {{"metadata", {{"total_size", total_size}}}, {"weight_map", weight_map}});
  written.insert(names.safetensors_index());
}

}  // namespace

Weights read_weights_file(const fs::path& file) {
  return file.extension() == ".safetensors" ? read_safetensors(file).weights
                                            : read_torch_file(file);
}

Weights read_weights_folder(const fs::path& folder, const std::string& variant,
                            const std::string& stem) {
  const Names names = names_for(stem, variant);
  if (!fs::is_directory(folder))
    fail(folder.string(), ": no such folder; wanted one with ", names.safetensors());
  for (const std::string& candidate : names.candidates()) {
    const fs::path path = folder / candidate;
    if (!fs::exists(path)) {
      if (fs::is_symlink(path)) fail(path.string(), ": a link to a file that isn't there");
      continue;
    }
    return path.extension() == ".json" ? read_shards(path) : read_weights_file(path);
  }
  fail(folder.string(), ": no weights; looked for ", joined(names.candidates()),
       others_in(folder, names));
}

void write_weights_folder(const fs::path& folder, const Weights& weights,
                          const std::string& variant, const std::string& stem,
                          int64_t max_shard_bytes) {
  const Names names = names_for(stem, variant);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder ", folder.string(), ": ", error.message());
  const std::vector<Weights> shards = split_into_shards(weights, max_shard_bytes);
  std::set<std::string> written;
  if (shards.size() == 1) {
    write_safetensors(folder / names.safetensors(), weights);
    written.insert(names.safetensors());
  } else {
    write_shards(folder, shards, names, written);
  }
  remove_stale(folder, names, written);
}

}  // namespace mezzotint
