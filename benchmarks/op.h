#pragma once

#include <functional>
#include <string>

#include <benchmark/benchmark.h>

#include "mezzotint/ops/engine.h"

namespace mezzotint::benchmarks {

/// What one call of an operation is worth, however it is computed.
struct Work {
  double flops = 0;  ///< of the operation as its definition has it: a direct convolution, say
  double bytes = 0;  ///< each tensor that it takes read once, each that it gives written once
};

/// Makes a call's tensors and returns the call; what is made counts for nothing.
using Prepare = std::function<std::function<void()>()>;

/// Registers the benchmarks NAME/fast/SHAPE and NAME/reference/SHAPE. They report GFLOP/s and GB/s
/// of `work`, and the share of this machine's peaks that these are.
void register_op(const std::string& name, const std::string& shape, const Work& work,
                 const Prepare& prepare);

/// Each file with operations has a function that registers them.
void register_conv2d();
void register_residual();
void register_group_norm();
void register_attention();
void register_optimizer();

}  // namespace mezzotint::benchmarks
