#pragma once

#include <filesystem>

#include <c10/core/Device.h>

#include "mezzotint/guidance/loss_resources.h"
#include "mezzotint/models/picture_classifier.h"

namespace mezzotint {

// A classifier's folder: config.json ("_class_name": kClassifierClass) and model.safetensors.

constexpr const char* kClassifierClass = "PictureClassifier";

/// @throws Error naming the file and what is wrong.
PictureClassifier load_classifier(const std::filesystem::path& folder,
                                  c10::Device device = c10::kCPU);
/// The folder is replaced in one step.
void save_classifier(const PictureClassifier& classifier, const std::filesystem::path& folder);

/// As losses see it.
Classifier as_loss_resource(const PictureClassifier& classifier);

}  // namespace mezzotint
