#pragma once

#include <nlohmann/json.hpp>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// A UNet2DModel configuration with the keys of diffusers' first releases renamed to today's:
/// image_size -> sample_size, num_res_blocks -> layers_per_block, ... A key that is there under
/// both names keeps today's value.
nlohmann::json rename_legacy_config(const nlohmann::json& json);

/// The same for a checkpoint of UNet2DModel: time_steps -> time_proj, mid -> mid_block,
/// downsample_blocks -> down_blocks, upsample_blocks -> up_blocks; in attention modules query ->
/// to_q, key -> to_k, value -> to_v, proj_attn -> to_out.0; the twins `op` and `Conv2d_0` of a
/// sampler's `conv` and `W` of the Fourier weight are dropped, or take the twin's place where it is
/// missing. Tensors are shared.
Weights rename_legacy_weights(const Weights& checkpoint);

}  // namespace mezzotint
