#pragma once

#include <optional>
#include <string>

#include "mezzotint/base/tensor.h"
#include "mezzotint/io/element_type.h"
#include "mezzotint/io/file_bytes.h"

namespace mezzotint {

at::ScalarType scalar_type(ElementType type);
/// Empty for types that weight files don't hold.
std::optional<ElementType> element_type(at::ScalarType type);

/// A contiguous tensor of `shape` over the bytes, which the tensor keeps in memory; where they
/// aren't aligned for their type, a copy. The size of `bytes` must fit the shape. @param what names
/// the tensor in errors.
/// @throws Error when a truth value is neither 0 nor 1.
Tensor tensor_over(const FileBytes& bytes, ElementType type, IntArrayRef shape,
                   const std::string& what);

}  // namespace mezzotint
