#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mezzotint {

/// The element types that weight files are read and written with. The order is the reference
/// safetensors writer's: by alignment, and later ones come first in a file.
enum class ElementType {
  kBool,
  kU8,
  kI8,
  kI16,
  kU16,
  kF16,
  kBF16,
  kI32,
  kU32,
  kF32,
  kF64,
  kI64,
  kU64
};

/// One type in the words of the formats that know it.
struct ElementTypeInfo {
  std::string_view safetensors;    ///< "F32"
  std::string_view torch;          ///< "float32", as in torch.float32
  std::string_view torch_storage;  ///< "FloatStorage", of torch; empty where it has none
  int64_t size;                    ///< bytes
};

const ElementTypeInfo& element_type_info(ElementType type);

/// The type whose `member` (one of ElementTypeInfo's names) is `name`, if there is one.
std::optional<ElementType> find_element_type(std::string_view ElementTypeInfo::*member,
                                             std::string_view name);

/// "BOOL, U8, ...": for errors.
std::string element_types_known();

}  // namespace mezzotint
