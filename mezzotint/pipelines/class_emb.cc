#include "mezzotint/pipelines/class_emb.h"

#include "mezzotint/base/counted.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"

namespace mezzotint {
namespace {

const char* const kKey = "class_emb.weight";

struct ClassEmbConfig {
  int64_t num_classes = 0;
  int64_t class_emb_size = 0;
  std::optional<std::vector<std::string>> class_names;
  bool null_class = false;
  void fields(auto& f) {
    f("num_classes", num_classes, "number of classes");
    f("class_emb_size", class_emb_size, "planes that a label adds to the picture");
    f("class_names", class_names, "a name for each class, or null");
    f("null_class", null_class, "the last row stands for no class");
  }
};

}  // namespace

ClassEmb load_class_emb(const std::filesystem::path& folder, const std::string& variant) {
  const std::string where = (folder / "config.json").string();
  ClassEmbConfig config;
  from_json(config, read_json(folder / "config.json"), where);
  const Weights weights = read_weights_folder(folder, variant);
  const Tensor weight = weights.find(kKey);
  MEZZO_CHECK(weight.defined() && weights.size() == 1, folder.string(), ": wanted the one tensor ",
              kKey, ", got ", joined(weights.keys()));
  const std::vector<int64_t> wanted = {config.num_classes + (config.null_class ? 1 : 0),
                                       config.class_emb_size};
  MEZZO_CHECK(weight.sizes() == IntArrayRef(wanted), where, ": says ", IntArrayRef(wanted), ", ",
              kKey, " is ", weight.sizes());
  ClassEmb class_emb{weight.to(at::kFloat), config.class_names.value_or(std::vector<std::string>()),
                     config.null_class};
  MEZZO_CHECK(class_emb.class_names.empty() ||
                  class_emb.class_names.size() == static_cast<size_t>(config.num_classes),
              where, ": has ", counted(class_emb.class_names.size(), "class name"), " for ",
              counted(config.num_classes, "class", "es"));
  return class_emb;
}

void save_class_emb(const ClassEmb& class_emb, const std::filesystem::path& folder) {
  ClassEmbConfig config{class_emb.weight.size(0) - (class_emb.null_class ? 1 : 0),
                        class_emb.weight.size(1), std::nullopt, class_emb.null_class};
  if (!class_emb.class_names.empty()) config.class_names = class_emb.class_names;
  nlohmann::json json = to_json(config);
  json["_class_name"] = "ClassEmbedding";
  if (!class_emb.null_class) json.erase("null_class");
  write_json(folder / "config.json", json);
  Weights weights;
  weights.set(kKey, class_emb.weight.detach().cpu());
  write_weights_folder(folder, weights);
}

}  // namespace mezzotint
