#pragma once

#include "mezzotint/guidance/loss_resources.h"
#include "mezzotint/models/clip_tokenizer.h"
#include "mezzotint/pipelines/clip.h"

namespace mezzotint {

/// A loaded CLIP as losses see it. The result shares the model and the tokenizer.
JointEmbedding joint_embedding(const Clip& clip,
                               const std::shared_ptr<const ClipTokenizer>& tokenizer);

/// Loads model and tokenizer. @throws Error as load_clip() and load_clip_tokenizer().
JointEmbedding load_joint_embedding(const std::filesystem::path& path,
                                    const ClipLoadOptions& options = {});

/// The embeddings' lengths made 1. [n, 3, image_size, image_size] in [0, 1] -> [n, D]
Tensor unit_image_embeds(const JointEmbedding& embedding, const Tensor& x_bchw);
Tensor unit_text_embeds(const JointEmbedding& embedding, const std::vector<std::string>& texts);

}  // namespace mezzotint
