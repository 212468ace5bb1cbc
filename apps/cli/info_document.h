#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/models/picture_classifier.h"
#include "mezzotint/pipelines/clip.h"
#include "mezzotint/pipelines/lora_file.h"
#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint::cli {

// The document of `info`, mezzotint/info/1. All kinds have kind, path, licence, parameters,
// bytes_fp32, files, sha256 and warnings.

/// Kind "diffusion", without its forecast.
nlohmann::json info_document(const Pipeline& pipeline, const std::string& variant);
/// Kind "clip": also config (CLIPConfig), mean and std of the pictures.
nlohmann::json info_document(const Clip& clip, const std::string& variant);
/// Kind "classifier": also its configuration.
nlohmann::json info_document(const PictureClassifier& classifier,
                             const std::filesystem::path& folder, const std::string& variant);

/// Kind "lora", an adapter: also rank ("8", "4 to 16"), scale (alpha / rank, least and most),
/// base_model and layers: how many of each name it changes.
nlohmann::json info_document(const LoraFile& file, const std::filesystem::path& path);

}  // namespace mezzotint::cli
