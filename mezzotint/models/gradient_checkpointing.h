#pragma once

#include <functional>
#include <vector>

#include "mezzotint/models/forward_context.h"

namespace mezzotint {

/// A part of a network: tensors side by side, and what the whole pass shares -> one tensor. The
/// only other tensors that it reads are parameters. It may let go of inputs on the way.
using Segment = std::function<Tensor(std::vector<Tensor> inputs, const ForwardContext& context)>;

/// What segment(inputs, context) returns. Where `context` asks for gradient checkpointing and
/// gradients are recorded, nothing of what the segment computes on the way is kept: the backward
/// pass runs it again (Chen et al. 2016, arXiv:1604.06174). Gradients are the same to the bit as
/// long as the number of threads is; dropout draws the same masks again.
///
/// @param parameters those that the segment reads; they must not change before the backward pass.
Tensor checkpointed(const Segment& segment, const std::vector<Tensor>& parameters,
                    std::vector<Tensor> inputs, const ForwardContext& context);

}  // namespace mezzotint
