#include "mezzotint/pipelines/classifier_folder.h"

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"

namespace mezzotint {

PictureClassifier load_classifier(const std::filesystem::path& folder, c10::Device device) {
  const std::filesystem::path file = folder / "config.json";
  MEZZO_CHECK(std::filesystem::exists(file), folder.string(),
              ": has no config.json; wanted what `mezzotint train --recipe classifier` wrote");
  const nlohmann::json json = read_json(file);
  MEZZO_CHECK(json.is_object() && json.value("_class_name", nlohmann::json()) == kClassifierClass,
              file.string(), ": is no ", kClassifierClass,
              "; wanted what `mezzotint train --recipe classifier` wrote");
  PictureClassifierConfig config;
  from_json(config, json, file.string());
  Weights placed;
  for (const auto& [key, tensor] : read_weights_folder(folder, "", "model"))
    placed.set(key, tensor.to(device));
  try {
    return {config, placed};
  } catch (const Error& error) {
    throw Error(folder.string() + ": " + error.what(), error.kind());
  }
}

void save_classifier(const PictureClassifier& classifier, const std::filesystem::path& folder) {
  nlohmann::json json = to_json(classifier.config());
  json["_class_name"] = kClassifierClass;
  Weights weights;
  for (const auto& [key, tensor] : classifier.parameters()) weights.set(key, tensor.detach().cpu());
  write_folder_atomic(folder, [&](const std::filesystem::path& scratch) {
    write_json(scratch / "config.json", json);
    write_weights_folder(scratch, weights, "", "model");
  });
}

Classifier as_loss_resource(const PictureClassifier& classifier) {
  return {classifier.config().class_names, classifier.config().num_classes,
          [classifier](const Tensor& x_bchw) { return classifier.logits(x_bchw); }};
}

}  // namespace mezzotint
