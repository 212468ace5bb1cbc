#pragma once

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// A checkpoint of CLIP with the keys of OpenAI's and open_clip's files renamed to transformers':
/// visual.conv1.weight -> vision_model.embeddings.patch_embedding.weight,
/// transformer.resblocks.N -> text_model.encoder.layers.N, ... also with the prefixes `module.`
/// (of a model trained in parallel) and `text.` (open_clip's custom text towers). The three parts
/// of attn.in_proj are taken apart, and visual.proj and text_projection turned. What is no weight
/// is dropped: position_ids, attn_mask, and the three numbers of OpenAI's archives. Other keys stay
/// as they are, so transformers' own do too. Tensors are shared.
Weights rename_clip_weights(const Weights& checkpoint);

/// Whether OpenAI's own code wrote it: its archives say input_resolution, context_length and
/// vocab_size. Such models have hidden_act quick_gelu.
bool is_openai_clip(const Weights& checkpoint);

}  // namespace mezzotint
