#pragma once

#include <filesystem>

namespace mezzotint {

enum class ModelKind { kDiffusion, kClip, kClassifier, kLora };

/// What a model's folder or file holds, as its configuration or, of a file, its keys tell: what
/// tells nothing is kDiffusion, whose loader says best what is missing.
/// @throws Error when a file can't be read.
ModelKind model_kind(const std::filesystem::path& path);

}  // namespace mezzotint
