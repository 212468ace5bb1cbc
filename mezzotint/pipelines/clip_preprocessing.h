#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/pipelines/clip.h"

namespace mezzotint {

/// Reads mean and std of transformers' preprocessor_config.json (or processor_config.json) of a
/// folder into clip.preprocessing, and warns where the file is missing or names another size than
/// the model's. clip.model must be there. @throws Error naming the file and what is wrong.
void read_preprocessor_config(const std::filesystem::path& folder, Clip& clip);

/// The same of open_clip's `preprocess_cfg`; `where` says which file's.
void read_open_clip_preprocessing(const nlohmann::json& preprocess_cfg, const std::string& where,
                                  Clip& clip);

/// Takes OpenAI's numbers. @throws Error when the model's pictures don't have three channels.
void take_openai_preprocessing(Clip& clip);

}  // namespace mezzotint
