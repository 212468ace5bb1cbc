#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// The course's class conditioning: each label's row of the embedding becomes that many constant
/// planes behind the picture's channels. Differentiable in x and class_emb.
/// @param x_bchw     [B, C, H, W]
/// @param class_emb  [num_classes, E]
/// @param labels_b   [B] int64, each in [0, num_classes)
/// @return           [B, C + E, H, W]
/// @throws Error     when shapes don't fit or a label is out of range
Tensor with_class_planes(const Tensor& x_bchw, const Tensor& class_emb, const Tensor& labels_b);

/// Labels as the functions here want them, checked: [B] int64 on `device` of class_emb, each in [0,
/// num_classes).
Tensor checked_labels(const Tensor& labels_b, int64_t num_classes);

}  // namespace mezzotint
