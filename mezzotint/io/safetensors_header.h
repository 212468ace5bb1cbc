#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mezzotint/io/element_type.h"

namespace mezzotint {

/// One tensor of a file.
struct SafetensorsEntry {
  std::string name;
  ElementType type = ElementType::kF32;
  std::vector<int64_t> shape;  ///< empty for a scalar
  uint64_t begin = 0;          ///< bytes from the start of the data area
  uint64_t end = 0;
};

using SafetensorsMetadata = std::map<std::string, std::string>;

/// What stands before the data.
///
///     8 bytes   N, the header's length: little-endian, at most 100,000,000
///     N bytes   one JSON object, UTF-8, padded with spaces:
///               {"__metadata__": {text: text}, NAME: {"dtype": TYPE, "shape": [...],
///               "data_offsets": [begin, end]}}
///     the rest  the data area: little-endian, rows first; every byte belongs to exactly one tensor
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  ///< by place in the file
  SafetensorsMetadata metadata;
  uint64_t data_start = 0;  ///< bytes from the start of the file
};

/// Reads and checks the header of a whole file.
/// @param where the file's name, for errors. @throws Error naming the file, the tensor and what is
/// wrong with it.
SafetensorsHeader parse_safetensors_header(std::string_view file, const std::string& where);

/// Sorts the entries as the reference writer does (larger types first, then by name), gives them
/// their places and returns the first bytes of the file, up to the data area.
/// @throws Error when a name isn't UTF-8 or the header exceeds the limit.
std::string format_safetensors_header(std::vector<SafetensorsEntry>& entries,
                                      const SafetensorsMetadata& metadata);

}  // namespace mezzotint
