#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// transformers' configuration (CLIPConfig) of the model that open_clip's `model_cfg` describes
/// (open_clip/model.py). @throws Error naming what of it isn't supported: ResNets, towers of timm
/// and of transformers, CoCa, SigLIP, and variants of blocks and of pooling.
nlohmann::json clip_config_from_open_clip(const nlohmann::json& model_cfg);

/// transformers' configuration of a checkpoint without one, read off its shapes as open_clip does
/// (build_model_from_openai_state_dict); its keys are as rename_clip_weights() leaves them. Shapes
/// don't tell the heads: text towers are taken to have one for 64 channels, vision towers too but
/// for the widths of open_clip's larger models. @param hidden_act shapes don't tell it either.
/// @throws Error naming the tensor that is missing or odd.
nlohmann::json clip_config_from_shapes(const Weights& weights, const std::string& hidden_act);

}  // namespace mezzotint
