// Fixtures: tools/reference/io.py, which safetensors 0.8.0 writes.
#include "mezzotint/io/safetensors.h"

#include <filesystem>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/io/reference_weights.h"
#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(MEZZOTINT_TEST_DATA) / "io/data";

void expect_same(const Weights& got, const Weights& wanted) {
  EXPECT_EQ(got.size(), wanted.size());
  for (const auto& [key, tensor] : wanted) {
    SCOPED_TRACE(key);
    ASSERT_TRUE(got.contains(key));
    EXPECT_EQ(got.at(key).scalar_type(), tensor.scalar_type());
    EXPECT_EQ(got.at(key).sizes(), tensor.sizes());
    EXPECT_TRUE(got.at(key).to(at::kDouble).equal(tensor.to(at::kDouble)));
  }
}

TEST(Safetensors, ReadsWhatTheReferenceWrites) {
  const SafetensorsFile file = read_safetensors(kData / "reference.safetensors");
  expect_same(file.weights, reference_weights());
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
}

TEST(Safetensors, WritesTheReferencesBytes) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", reference_weights());
  EXPECT_EQ(contents(folder / "x"), contents(kData / "reference.safetensors"));
  write_safetensors(folder / "x", {}, {});
  EXPECT_EQ(contents(folder / "x"), contents(kData / "empty.safetensors"));
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  const std::map<std::string, std::string> metadata = {{"format", "pt"}, {"a \"note\"", "é\n"}};
  write_safetensors(folder / "x", reference_weights(), metadata);
  const SafetensorsFile file = read_safetensors(folder / "x");
  expect_same(file.weights, reference_weights());
  EXPECT_EQ(file.metadata, metadata);
  EXPECT_EQ(folder.listing(), std::vector<std::string>{"x"});
}

TEST(Safetensors, WritesValuesInRowOrderWhateverTheLayout) {
  const TemporaryFolder folder;
  const Tensor plain = at::arange(120, at::kFloat).view({2, 3, 4, 5});
  Weights weights;
  weights.set("channels last", plain.contiguous(at::MemoryFormat::ChannelsLast));
  weights.set("transposed", plain.view({24, 5}).t());
  weights.set("every second", plain.flatten().slice(0, 1, 120, 2));
  weights.set("graph", plain.clone().requires_grad_());
  write_safetensors(folder / "x", weights);
  const Weights read = read_safetensors(folder / "x").weights;
  expect_same(read, weights);
  EXPECT_TRUE(read.at("channels last").is_contiguous());
  EXPECT_FALSE(read.at("graph").requires_grad());
}

TEST(Safetensors, WritingToATensorLeavesTheFileAlone) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", reference_weights());
  const std::string before = contents(folder / "x");
  Tensor tensor = read_safetensors(folder / "x").weights.at("type.float32");
  tensor.fill_(7);
  EXPECT_EQ(tensor.sum().item<float>(), 42);
  EXPECT_EQ(contents(folder / "x"), before);
}

TEST(Safetensors, TensorsOutliveTheirFile) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", reference_weights());
  const Weights weights = read_safetensors(folder / "x").weights;
  write_safetensors(folder / "x", weights);  // over the file that is mapped
  fs::remove(folder / "x");
  expect_same(weights, reference_weights());
}

TEST(Safetensors, CopiesWhatIsNotAligned) {
  const TemporaryFolder folder;
  const std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                             R"("b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  put(folder / "x", file + header + "\x05" + std::string("\0\0\x80\x3f", 4));
  const Weights weights = read_safetensors(folder / "x").weights;
  EXPECT_EQ(weights.at("a").item<int64_t>(), 5);
  EXPECT_EQ(weights.at("b").item<float>(), 1.0F);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(weights.at("b").const_data_ptr()) % 4, 0U);
}

TEST(Safetensors, RefusesToWriteWhatTheFormatLacks) {
  const TemporaryFolder folder;
  const auto message = [&](const char* key, const Tensor& tensor) {
    Weights weights;
    weights.set(key, tensor);
    return message_of([&] { write_safetensors(folder / "x", weights); });
  };
  EXPECT_NE(message("w", at::zeros({1}, at::kComplexFloat)).find("ComplexFloat can't be written"),
            std::string::npos);
  EXPECT_NE(message("w", {}).find("'w' has no dense values"), std::string::npos);
  EXPECT_NE(message("\xff", at::zeros({1})).find("'\\xff' is not UTF-8"), std::string::npos);
  EXPECT_NE(message("__metadata__", at::zeros({1})).find("can't be named __metadata__"),
            std::string::npos);
  EXPECT_EQ(folder.listing(), std::vector<std::string>{});
}

}  // namespace
}  // namespace mezzotint
