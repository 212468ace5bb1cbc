#pragma once

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// What tools/reference/io.py `tensors()` builds.
inline Weights reference_weights() {
  const Tensor six = at::arange(6, at::kLong).view({2, 3});
  Weights weights;
  weights.set("type.float64", six.to(at::kDouble));
  weights.set("type.float32", six.to(at::kFloat));
  weights.set("type.float16", six.to(at::kHalf));
  weights.set("type.bfloat16", six.to(at::kBFloat16));
  weights.set("type.int64", six);
  weights.set("type.int32", six.to(at::kInt));
  weights.set("type.int16", six.to(at::kShort));
  weights.set("type.int8", six.to(at::kChar));
  weights.set("type.uint8", six.to(at::kByte));
  weights.set("type.bool", six.remainder(2).to(at::kBool));
  weights.set("type.uint16", six.to(at::kUInt16));
  weights.set("type.uint32", six.to(at::kUInt32));
  weights.set("type.uint64", six.to(at::kUInt64));
  weights.set("b.scalar", at::full({}, 1.5));
  weights.set("a.empty", at::zeros({0, 3}));
  weights.set("B", at::ones({1}));
  weights.set("é \"quoted\" \\ \n\x01\x7f", at::full({2}, -2.0));
  return weights;
}

}  // namespace mezzotint
