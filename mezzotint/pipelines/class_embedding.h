#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// The component that makes a pipeline class-conditional. Its folder, class_emb/, holds
///   config.json                          {"_class_name": "ClassEmbedding", "num_classes": 10,
///   "class_emb_size": 4,
///                                         "class_names": ["T-shirt", ...] or null}
///   diffusion_pytorch_model.safetensors  one tensor, `class_emb.weight` [num_classes,
///   class_emb_size]
/// which are the name and shape that the course's own ClassConditionedUnet gives it.
struct ClassEmbedding {
  Tensor weight;                         ///< [num_classes, class_emb_size] float32
  std::vector<std::string> class_names;  ///< empty, or one for each class
};

/// @throws Error naming the file and what in it doesn't fit.
ClassEmbedding load_class_embedding(const std::filesystem::path& folder,
                                    const std::string& variant = "");
void save_class_embedding(const ClassEmbedding& embedding, const std::filesystem::path& folder);

}  // namespace mezzotint
