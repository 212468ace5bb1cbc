#pragma once

// Reads fixtures for the tests of modules that know no files: the few lines that read safetensors
// (a length, a JSON header, the data).

#include <cstdint>
#include <fstream>
#include <string>

#include <ATen/ops/empty.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/weights.h"

namespace mezzotint::testing {

inline at::ScalarType fixture_type(const std::string& name) {
  if (name == "F32") return at::kFloat;
  if (name == "F64") return at::kDouble;
  if (name == "I64") return at::kLong;
  fail("fixture: unexpected type ", name);
}

/// The tensors of a safetensors file below tests/ whose names begin with `prefix`, without it.
inline Weights read_tensors(const std::string& file_name, const std::string& prefix = "") {
  std::ifstream file(std::string(MEZZOTINT_TEST_DATA) + "/" + file_name, std::ios::binary);
  uint64_t length = 0;
  file.read(reinterpret_cast<char*>(&length), sizeof length);
  std::string header(length, ' ');
  file.read(header.data(), static_cast<std::streamsize>(length));
  MEZZO_CHECK(file.good(), "no fixture ", file_name);
  Weights tensors;
  const nlohmann::json entries = nlohmann::json::parse(header);
  for (const auto& [key, entry] : entries.items()) {
    if (key == "__metadata__" || !key.starts_with(prefix)) continue;
    const auto shape = entry.at("shape").get<std::vector<int64_t>>();
    Tensor tensor = at::empty(shape, fixture_type(entry.at("dtype")));
    file.seekg(
        static_cast<std::streamoff>(8 + length + entry.at("data_offsets")[0].get<uint64_t>()));
    file.read(static_cast<char*>(tensor.data_ptr()), static_cast<std::streamsize>(tensor.nbytes()));
    tensors.set(key.substr(prefix.size()), tensor);
  }
  return tensors;
}

}  // namespace mezzotint::testing
