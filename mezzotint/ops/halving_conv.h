#pragma once

#include "mezzotint/ops/low_rank.h"

namespace mezzotint::ops {

/// A 3x3 convolution with stride 2, which halves a picture: padded by one pixel of zeros on every
/// side, or below and to the right only, as DDPM's TensorFlow code pads.
/// x_bchw [B, in, H, W], weight [out, in, 3, 3], bias [out] or undefined -> [B, out, H', W'] with
/// H' = ceil(H / 2) for padding on every side, else floor(H / 2); channels_last.
///
/// Differentiable in every tensor. On the CPU in float32 it is kernels/tap_conv, which takes in the
/// padding; all else is LibTorch's. The same bits every time with the same number of threads.
/// A change of the weight, A [rank, in, 3, 3] and B [out, rank, 1, 1], is computed beside it.
enum class HalvingPad { kEverySide, kBelowAndRight };
Tensor halving_conv(const Tensor& x_bchw, const Tensor& weight, const Tensor& bias, HalvingPad pad,
                    const LowRank& change = {});

}  // namespace mezzotint::ops
