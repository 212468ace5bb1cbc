#include "mezzotint/io/file_tensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian and mapped");

/// In the order of ElementType.
constexpr std::array<at::ScalarType, 13> kScalarTypes = {
    at::kBool, at::kByte,   at::kChar,  at::kShort,  at::kUInt16, at::kHalf,  at::kBFloat16,
    at::kInt,  at::kUInt32, at::kFloat, at::kDouble, at::kLong,   at::kUInt64};

}  // namespace

at::ScalarType scalar_type(ElementType type) { return kScalarTypes[static_cast<size_t>(type)]; }

std::optional<ElementType> element_type(at::ScalarType type) {
  const auto found = std::ranges::find(kScalarTypes, type);
  if (found == kScalarTypes.end()) return std::nullopt;
  return static_cast<ElementType>(found - kScalarTypes.begin());
}

Tensor tensor_over(const FileBytes& bytes, ElementType type, IntArrayRef shape,
                   const std::string& what) {
  const at::TensorOptions options(scalar_type(type));
  if (bytes.size == 0) return at::empty(shape, options);
  const auto is_no_truth_value = [](char byte) { return byte != 0 && byte != 1; };
  if (type == ElementType::kBool &&
      std::any_of(bytes.data, bytes.data + bytes.size, is_no_truth_value))
    fail(what, ": a truth value that is neither 0 nor 1");
  const auto alignment = static_cast<uintptr_t>(element_type_info(type).size);
  if (reinterpret_cast<uintptr_t>(bytes.data) % alignment != 0) {
    Tensor copy = at::empty(shape, options);
    std::memcpy(copy.mutable_data_ptr(), bytes.data, bytes.size);
    return copy;
  }
  return at::from_blob(
      bytes.data, shape, [owner = bytes.owner](void*) {}, options);
}

}  // namespace mezzotint
