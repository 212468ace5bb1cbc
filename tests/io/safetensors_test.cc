#include "mezzotint/io/safetensors.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

TEST(Safetensors, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  Weights weights;
  weights.set("w", at::arange(6, at::kFloat).view({2, 3}));
  weights.set("scalar", at::arange(1, at::kLong).squeeze());
  weights.set("empty", at::zeros({0, 4}, at::kHalf));
  write_safetensors(folder / "x.safetensors", weights, {{"format", "pt"}, {"note", "é"}});
  const SafetensorsFile file = read_safetensors(folder / "x.safetensors");
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "pt"}, {"note", "é"}}));
  ASSERT_EQ(file.weights.size(), 3U);
  for (const auto& [key, tensor] : weights) {
    EXPECT_TRUE(file.weights.at(key).equal(tensor)) << key;
    EXPECT_EQ(file.weights.at(key).scalar_type(), tensor.scalar_type());
  }
}

}  // namespace
}  // namespace mezzotint
