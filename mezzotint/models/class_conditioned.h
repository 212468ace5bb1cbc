#pragma once

#include "mezzotint/base/predict.h"

namespace mezzotint {

/// Class conditioning by extra input channels (the course's class-conditional MNIST net): a row of
/// a learned table, spread over constant planes, is put behind the picture's channels.
///
///   predict([x; e(label) 1 1^T], t)
///
/// @param predict   a model that takes C + k channels and gives C.
/// @param class_emb [num_classes, k] float32; differentiable in it.
/// @param labels_b  [B] whole numbers in [0, num_classes), one for each image of the batch that
/// will be predicted.
/// @throws Error when class_emb is no table or a label isn't one of its rows; the callable, when
/// batch and labels differ in length.
Predict class_conditioned(Predict predict, const Tensor& class_emb, const Tensor& labels_b);

}  // namespace mezzotint
