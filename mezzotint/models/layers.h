#pragma once

#include <string>

#include "mezzotint/models/params.h"
#include "mezzotint/ops/conv3x3.h"

namespace mezzotint {

// The layers of a UNet as values that hold tensors: copying one shares its parameters, and an
// update of a parameter in place is seen by the next call.

/// y = x W^T + b over the last dimension, W changed by an adapter perhaps. Keys: weight [out, in],
/// bias [out].
struct Linear {
  Linear(const Params& params, int64_t in, int64_t out);
  /// Starts with a weight of N(0, deviation^2) and no bias but zeros.
  Linear(const Params& params, int64_t in, int64_t out, double deviation);
  Tensor operator()(const Tensor& x) const;
  /// y + addend, in one pass over memory.
  Tensor plus(const Tensor& x, const Tensor& addend) const;
  Tensor weight, bias;
  ops::LowRank change;
};

/// Square kernel, zero padding on all sides; the weight changed by an adapter perhaps. Keys: weight
/// [out, in, k, k], bias [out].
struct Conv2d {
  Conv2d(const Params& params, int64_t in, int64_t out, int64_t kernel, int64_t stride = 1,
         int64_t padding = 0);
  /// x_bchw [B, in, H, W] -> [B, out, H', W']
  Tensor operator()(const Tensor& x_bchw) const;
  /// Its work on one tensor or two side by side, for ops::conv3x3, to be given what surrounds it.
  ops::Conv3x3 on(std::vector<Tensor> parts) const;
  Tensor weight, bias;
  ops::LowRank change;
  int64_t stride, padding;
};

/// A function on every element.
using Activation = Tensor (*)(const Tensor& x);

/// Whether it is SiLU, which other ops take in.
bool is_silu(Activation act);

/// "silu" (also "swish"), "mish", "gelu" (by erf) or "relu", in any case. @throws Error for another
/// name.
Activation activation(const std::string& name);

/// Wu and He 2018, arXiv:1803.08494, with a scale and a shift for each channel. Keys: weight, bias
/// [channels].
struct GroupNorm {
  /// @throws Error when the channels don't divide into the groups.
  GroupNorm(const Params& params, int64_t channels, int64_t groups, double eps);
  Tensor operator()(const Tensor& x_bchw) const;
  /// SiLU(norm(x)), as a part of ops::conv3x3.
  ops::Norm with_silu() const;
  /// act(norm(x)).
  Tensor then(Activation act, const Tensor& x_bchw) const;
  Tensor weight, bias;
  int64_t groups;
  double eps;
};

}  // namespace mezzotint
