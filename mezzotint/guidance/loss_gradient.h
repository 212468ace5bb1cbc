#pragma once

#include "mezzotint/guidance/guidance.h"

namespace mezzotint {

/// A loss and its gradient at predicted clean pictures.
struct LossGradient {
  Tensor loss_b;  ///< [B], the mean of the repeats
  Tensor x0;      ///< d loss / d x0 of each picture's own loss, shaped as x0
};

/// @param x0_bchw [B, C, H, W]. The graph of one repeat exists at a time. @throws Error naming the
/// term and the step.
LossGradient loss_gradient(const GuidanceTerm& term, const Tensor& x0_bchw, const GuidePoint& at);

}  // namespace mezzotint
