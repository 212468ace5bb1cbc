#pragma once

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// Cross-entropy against several right answers: the mean over rows of -sum_k target_k
/// log_softmax(logits)_k. Rows of targets sum to 1, or to 0 to be left out; at least one is left.
/// logits_nk, target_nk [n, k] -> a scalar.
Tensor soft_cross_entropy(const Tensor& logits_nk, const Tensor& target_nk);

/// The contrastive loss of CLIP (Radford et al. 2021, arXiv:2103.00020, figure 3) where a text may
/// belong to several pictures and a picture to several texts: the right answers share the
/// probability evenly (Khosla et al. 2020, arXiv:2004.11362). The mean of both directions; rows
/// without a right answer in the batch are left out.
/// @param logits_tp scaled cosines, [texts, pictures]. @param belongs_tp which belong together,
/// bool. @return a scalar.
Tensor contrastive_loss(const Tensor& logits_tp, const Tensor& belongs_tp);

/// The same of pairs: text i of one side belongs to text i of the other. Pairs that mean the same
/// besides aren't each other's wrong answers.
/// @param logits_nn scaled cosines. @param same_nn bool; its diagonal isn't read.
Tensor pair_loss(const Tensor& logits_nn, const Tensor& same_nn);

}  // namespace mezzotint
