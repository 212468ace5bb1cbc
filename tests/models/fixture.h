#pragma once

// Reads the fixtures of this folder. The models know no files, so their tests bring the few lines
// that read safetensors: a length, a JSON header, the data.

#include <cstdint>
#include <fstream>
#include <string>

#include <ATen/ops/empty.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/weights.h"

namespace mezzotint::testing {

inline std::string fixture_path(const std::string& name) {
  return std::string(MEZZOTINT_TEST_DATA) + "/models/data/" + name;
}

inline nlohmann::json read_json_fixture(const std::string& name) {
  std::ifstream file(fixture_path(name));
  MEZZO_CHECK(file.good(), "no fixture ", name);
  return nlohmann::json::parse(file);
}

inline at::ScalarType fixture_type(const std::string& name) {
  if (name == "F32") return at::kFloat;
  if (name == "F64") return at::kDouble;
  if (name == "I64") return at::kLong;
  fail("fixture: unexpected type ", name);
}

/// All tensors below "PREFIX/" of a safetensors file.
inline Weights read_tensor_fixture(const std::string& name, const std::string& prefix) {
  std::ifstream file(fixture_path(name), std::ios::binary);
  uint64_t length = 0;
  file.read(reinterpret_cast<char*>(&length), sizeof length);
  std::string header(length, ' ');
  file.read(header.data(), static_cast<std::streamsize>(length));
  MEZZO_CHECK(file.good(), "no fixture ", name);
  Weights tensors;
  const nlohmann::json entries = nlohmann::json::parse(header);
  for (const auto& [key, entry] : entries.items()) {
    if (!key.starts_with(prefix + "/")) continue;
    const auto shape = entry.at("shape").get<std::vector<int64_t>>();
    Tensor tensor = at::empty(shape, fixture_type(entry.at("dtype")));
    file.seekg(
        static_cast<std::streamoff>(8 + length + entry.at("data_offsets")[0].get<uint64_t>()));
    file.read(static_cast<char*>(tensor.data_ptr()), static_cast<std::streamsize>(tensor.nbytes()));
    tensors.set(key.substr(prefix.size() + 1), tensor);
  }
  return tensors;
}

/// Greatest difference in units of the greatest expected magnitude.
inline double relative_difference(const Tensor& got, const Tensor& expected) {
  const double scale = expected.abs().max().item().toDouble();
  return (got - expected).abs().max().item().toDouble() / (scale > 0 ? scale : 1);
}

}  // namespace mezzotint::testing
