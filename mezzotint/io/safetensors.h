#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "mezzotint/base/weights.h"

namespace mezzotint {

/// What one .safetensors file holds. Tensors read the mapped file: nothing is copied until it is
/// written to.
struct SafetensorsFile {
  Weights weights;
  std::map<std::string, std::string> metadata;
};

/// Reads a file of the safetensors format, checking size, header, keys, shapes and that the data
/// areas cover the file without holes or overlaps. Types: F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL.
/// @throws Error naming the file, the tensor and what is wrong with it.
SafetensorsFile read_safetensors(const std::filesystem::path& path);

/// Writes the tensors, in the order and with the alignment that the reference writer uses; the file
/// is replaced in one step. The default metadata is what torch's users expect.
void write_safetensors(const std::filesystem::path& path, const Weights& weights,
                       const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace mezzotint
