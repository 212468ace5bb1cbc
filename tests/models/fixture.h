#pragma once

// Reads the fixtures of this folder.

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/base/weights.h"

#include "tests/tensor_fixture.h"

namespace mezzotint::testing {

inline std::string fixture_path(const std::string& name) {
  return std::string(MEZZOTINT_TEST_DATA) + "/models/data/" + name;
}

inline nlohmann::json read_json_fixture(const std::string& name) {
  std::ifstream file(fixture_path(name));
  MEZZO_CHECK(file.good(), "no fixture ", name);
  return nlohmann::json::parse(file);
}

/// All tensors below "PREFIX/" of a safetensors file.
inline Weights read_tensor_fixture(const std::string& name, const std::string& prefix) {
  return read_tensors("models/data/" + name, prefix + "/");
}

/// Greatest difference in units of the greatest expected magnitude.
inline double relative_difference(const Tensor& got, const Tensor& expected) {
  const double scale = expected.abs().max().item().toDouble();
  return (got - expected).abs().max().item().toDouble() / (scale > 0 ? scale : 1);
}

}  // namespace mezzotint::testing
