#pragma once

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <ATen/Version.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// A file of tests/schedulers/data, written by tools/reference/schedulers.py.
inline nlohmann::json reference(const std::string& name) {
  std::ifstream file(std::string(MEZZOTINT_TEST_DATA) + "/schedulers/data/" + name);
  return nlohmann::json::parse(file);
}

/// FNV-1a over bytes, in several pieces.
class Hash {
 public:
  void add(const void* data, size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < size; ++i) value_ = (value_ ^ bytes[i]) * 0x100000001b3ULL;
  }
  /// The numbers of a tensor, where -0 counts as 0.
  void add(const Tensor& tensor) {
    const Tensor plain = (tensor + 0).contiguous();
    add(plain.data_ptr(), plain.nbytes());
  }
  std::string hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
    return text;
  }

 private:
  uint64_t value_ = 0xcbf29ce484222325ULL;
};

/// Holds a hash to the one recorded for CPUs with this one's vector instructions; says nothing for
/// others.
inline void expect_bits(const Hash& hash, const nlohmann::json& recorded) {
  const std::string capability = at::get_cpu_capability();
  if (!recorded.contains(capability)) return;
  EXPECT_EQ(hash.hex(), recorded[capability].get<std::string>());
}

/// The numbers of a tensor, row by row.
inline std::vector<float> flat(const Tensor& tensor) {
  const Tensor plain = tensor.contiguous();
  const float* data = plain.const_data_ptr<float>();
  return {data, data + plain.numel()};
}

inline double sum_abs(const Tensor& tensor) { return tensor.abs().sum().item<double>(); }

}  // namespace mezzotint
