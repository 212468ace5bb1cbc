#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// The component that makes a pipeline class-conditional. Its folder, class_emb/, holds
///   config.json                          "_class_name": "ClassEmbedding", "num_classes": 10,
///                                        "class_emb_size": 4, "class_names": [...] or null,
///                                        "null_class": true where there is a row for no class
///   diffusion_pytorch_model.safetensors  the one tensor class_emb.weight
/// whose name and shape are those that the course's own ClassConditionedUnet gives it. (A network's
/// own embedding of labels, num_class_embeds, is models/class_embedding.h.)
struct ClassEmb {
  /// [num_classes, class_emb_size] float32; with null_class one row more, the last, which stands
  /// for no class.
  Tensor weight;
  std::vector<std::string> class_names;  ///< empty, or one for each class
  bool null_class = false;
};

/// @throws Error naming the file and what in it doesn't fit.
ClassEmb load_class_emb(const std::filesystem::path& folder, const std::string& variant = "");
/// Writes into `folder`, which must exist. @throws Error naming the file.
void save_class_emb(const ClassEmb& class_emb, const std::filesystem::path& folder);

}  // namespace mezzotint
