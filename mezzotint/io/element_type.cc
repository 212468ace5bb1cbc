#include "mezzotint/io/element_type.h"

#include <algorithm>
#include <array>
#include <vector>

#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

/// In the order of ElementType.
constexpr std::array<ElementTypeInfo, 13> kTypes = {{
    {"BOOL", "bool", "BoolStorage", 1},
    {"U8", "uint8", "ByteStorage", 1},
    {"I8", "int8", "CharStorage", 1},
    {"I16", "int16", "ShortStorage", 2},
    {"U16", "uint16", "", 2},
    {"F16", "float16", "HalfStorage", 2},
    {"BF16", "bfloat16", "BFloat16Storage", 2},
    {"I32", "int32", "IntStorage", 4},
    {"U32", "uint32", "", 4},
    {"F32", "float32", "FloatStorage", 4},
    {"F64", "float64", "DoubleStorage", 8},
    {"I64", "int64", "LongStorage", 8},
    {"U64", "uint64", "", 8},
}};

}  // namespace

const ElementTypeInfo& element_type_info(ElementType type) {
  return kTypes[static_cast<size_t>(type)];
}

std::optional<ElementType> find_element_type(std::string_view ElementTypeInfo::*member,
                                             std::string_view name) {
  const auto found = std::ranges::find(kTypes, name, member);
  if (name.empty() || found == kTypes.end()) return std::nullopt;
  return static_cast<ElementType>(found - kTypes.begin());
}

std::string element_types_known() {
  std::vector<std::string> names;
  for (const ElementTypeInfo& type : kTypes) names.emplace_back(type.safetensors);
  return joined(names);
}

}  // namespace mezzotint
