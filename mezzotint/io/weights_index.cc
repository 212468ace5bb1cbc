#include "mezzotint/io/weights_index.h"

#include <set>

#include <nlohmann/json.hpp>

#include "mezzotint/io/files.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

bool is_plain_file_name(const std::string& name) {
  const std::string forbidden("/\\\0", 3);
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(forbidden) == std::string::npos;
}

}  // namespace

std::vector<std::string> WeightsIndex::shards() const {
  std::set<std::string> names;
  for (const auto& [key, shard] : shard_of) names.insert(shard);
  return {names.begin(), names.end()};
}

WeightsIndex read_weights_index(const std::filesystem::path& path) {
  const nlohmann::json json = read_json(path, DuplicateKeys::kRefused);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object())
    fail(path.string(), ": no object 'weight_map'; wanted an index of shards");
  WeightsIndex index;
  for (const auto& [key, shard] : json["weight_map"].items()) {
    if (!shard.is_string())
      fail(path.string(), ": weight_map: ", in_quotes(key), " has no file name");
    const auto& name = shard.get_ref<const std::string&>();
    if (!is_plain_file_name(name))
      fail(path.string(), ": weight_map: refuses the file ", in_quotes(name),
           "; shards lie beside the index");
    index.shard_of.emplace(key, name);
  }
  if (index.shard_of.empty()) fail(path.string(), ": weight_map is empty");
  return index;
}

std::vector<Weights> split_into_shards(const Weights& weights, int64_t max_bytes) {
  std::vector<Weights> shards;
  Weights current;
  int64_t current_bytes = 0;
  for (const auto& [key, tensor] : weights) {
    const auto bytes = static_cast<int64_t>(tensor.nbytes());
    if (bytes > max_bytes) {
      shards.emplace_back().set(key, tensor);
      continue;
    }
    if (current_bytes + bytes > max_bytes) {
      shards.push_back(std::move(current));
      current = {};
      current_bytes = 0;
    }
    current.set(key, tensor);
    current_bytes += bytes;
  }
  if (!current.empty() || shards.empty()) shards.push_back(std::move(current));
  return shards;
}

}  // namespace mezzotint
