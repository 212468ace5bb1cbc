#include "apps/cli/info_document.h"

#include <algorithm>
#include <vector>

#include "mezzotint/base/fields.h"

#include "apps/cli/model_card.h"
#include "apps/cli/model_hash.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Sizes of the weight files, by their names in the folder.
json weight_file_sizes(const fs::path& path, const std::string& variant) {
  json sizes = json::object();
  for (const fs::path& file : weight_files(path, variant))
    sizes[file == path ? file.filename().string() : fs::relative(file, path).string()] =
        fs::file_size(file);
  return sizes;
}

json common(const char* kind, const fs::path& path, const std::string& variant,
            int64_t parameters) {
  return {{"schema", "mezzotint/info/1"},
          {"kind", kind},
          {"path", path.string()},
          {"licence", licence_of(path)},
          {"parameters", parameters},
          {"bytes_fp32", parameters * 4},
          {"files", weight_file_sizes(path, variant)},
          {"sha256", model_sha256(path, variant)},
          {"warnings", json::array()}};
}

/// "to_q" of "mid_block.attentions.0.to_q", "to_out.0" of "...to_out.0".
std::string last_name(const std::string& module) {
  size_t dot = module.rfind('.');
  if (dot != std::string::npos &&
      module.find_first_not_of("0123456789", dot + 1) == std::string::npos)
    dot = dot == 0 ? std::string::npos : module.rfind('.', dot - 1);
  return module.substr(dot + 1);
}

}  // namespace

json info_document(const Pipeline& pipeline, const std::string& variant) {
  json document = common("diffusion", pipeline.path, variant,
                         pipeline.unet->parameters().element_count() +
                             (pipeline.class_emb.defined() ? pipeline.class_emb.numel() : 0));
  document.update({{"pipeline", pipeline.class_name},
                   {"classes", pipeline.class_count()},
                   {"class_names", pipeline.class_names},
                   {"sample_size", pipeline.unet->sample_size()},
                   {"image_channels", pipeline.image_channels()},
                   {"unet", pipeline.unet->config()},
                   {"scheduler", pipeline.scheduler_config},
                   {"sampled_with", pipeline.own_scheduler()},
                   {"warnings", pipeline.warnings}});
  return document;
}

json info_document(const Clip& clip, const std::string& variant) {
  json document = common("clip", clip.path, variant, clip.model->parameters().element_count());
  document.update({{"config", clip.model->config()},
                   {"mean", clip.preprocessing.mean},
                   {"std", clip.preprocessing.std},
                   {"warnings", clip.warnings}});
  return document;
}

json info_document(const PictureClassifier& classifier, const fs::path& folder,
                   const std::string& variant) {
  json document = common("classifier", folder, variant, classifier.parameters().element_count());
  document["config"] = to_json(classifier.config());
  return document;
}

json info_document(const LoraFile& file, const fs::path& path) {
  json layers = json::object();
  std::vector<double> scales;
  for (const auto& [module, change] : file.adapter) {
    const std::string name = last_name(module);
    layers[name] = layers.value(name, 0) + 1;
    scales.push_back(change.scale);
  }
  const auto [least, most] = std::ranges::minmax(scales);
  // The file rather than the folder: a run's folder has more below it.
  json document = common("lora", file.path, "", file.adapter.parameters().element_count());
  document.update({{"path", path.string()},
                   {"rank", file.ranks()},
                   {"scale", {least, most}},
                   {"base_model", file.base_model()},
                   {"layers", layers}});
  return document;
}

}  // namespace mezzotint::cli
