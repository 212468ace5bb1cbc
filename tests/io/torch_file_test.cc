// Fixtures: tools/reference/torch_files.py, which torch 2.13 writes.
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ops/arange.h>

#include <gtest/gtest.h>

#include "mezzotint/io/weights_folder.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(MEZZOTINT_TEST_DATA) / "io/data";

class TorchFile : public testing::TestWithParam<const char*> {
 protected:
  static Weights read(const std::string& name) {
    return read_torch_file(kData / (name + "_" + GetParam() + ".bin"));
  }
};

void expect_state_dict(const Weights& weights) {
  EXPECT_EQ(weights.keys(),
            (std::vector<std::string>{"conv.weight", "transposed", "part", "half", "brain",
                                      "double", "steps", "flags", "bytes", "empty", "parameter"}));
  const Tensor base = at::arange(24, at::kFloat);
  EXPECT_TRUE(weights.at("conv.weight").equal((base / 8).reshape({2, 3, 4})));
  EXPECT_TRUE(weights.at("transposed").equal(base.reshape({4, 6}).t()));
  EXPECT_TRUE(weights.at("part").equal(base.slice(0, 5, 9)));
  EXPECT_EQ(weights.at("half").scalar_type(), at::kHalf);
  EXPECT_EQ(weights.at("half")[1].item<float>(), -2.25F);
  EXPECT_EQ(weights.at("brain").scalar_type(), at::kBFloat16);
  EXPECT_EQ(weights.at("brain")[1].item<float>(), 0.125F);
  EXPECT_EQ(weights.at("double").item<double>(), 1e300);
  EXPECT_EQ(weights.at("steps").item<int64_t>(), 7);
  EXPECT_EQ(weights.at("steps").dim(), 0);
  EXPECT_TRUE(weights.at("flags")[0].item<bool>());
  EXPECT_FALSE(weights.at("flags")[1].item<bool>());
  EXPECT_EQ(weights.at("bytes")[4].item<int64_t>(), 4);
  EXPECT_EQ(weights.at("empty").sizes(), IntArrayRef({0, 3}));
  EXPECT_EQ(weights.at("parameter").item<float>(), 0.5F);
  EXPECT_FALSE(weights.at("parameter").requires_grad());
}

TEST_P(TorchFile, GivesTheTensorsThatWereSaved) {
  expect_state_dict(read("torch"));
  expect_state_dict(read("torch_protocol4"));
}

TEST_P(TorchFile, GivesRarerTensorsAndPassesOverTheRest) {
  const Weights weights = read("torch_rarer");
  EXPECT_EQ(weights.keys(),
            (std::vector<std::string>{"u16", "u32", "u64", "row", "row again", "expanded"}));
  EXPECT_EQ(weights.at("u16").scalar_type(), at::kUInt16);
  EXPECT_EQ(weights.at("u16").to(at::kLong)[1].item<int64_t>(), 65535);
  EXPECT_EQ(weights.at("u32").to(at::kLong).item<int64_t>(), 4294967295);
  EXPECT_EQ(weights.at("u64").sizes(), IntArrayRef({1, 1}));
  EXPECT_EQ(weights.at("u64").view(at::kLong).item<int64_t>(), INT64_MIN);  // the bits of 2^63
  const Tensor row = at::arange(4, at::kShort);
  EXPECT_TRUE(weights.at("expanded").equal(row.expand({3, 4})));
  EXPECT_TRUE(weights.at("row again").equal(row.view({2, 2})));
  weights.at("row")[3] = 9;  // tied tensors stay tied, as in torch
  EXPECT_EQ(weights.at("row again")[1][1].item<int64_t>(), 9);
}

TEST_P(TorchFile, FindsANestedStateDict) {
  EXPECT_EQ(read("torch_nested").keys(), std::vector<std::string>{"a"});
}

TEST_P(TorchFile, RefusesCodeByName) {
  const std::string message = message_of([] { read("torch_hostile"); });
  EXPECT_NE(message.find("refuses 'posix.system': the file asks for code"), std::string::npos)
      << message;
  EXPECT_FALSE(fs::exists("/tmp/mezzotint_was_run"));
}

INSTANTIATE_TEST_SUITE_P(Forms, TorchFile, testing::Values("zip", "legacy"),
                         [](const auto& form) { return std::string(form.param); });

TEST(TorchFileZip, UnpacksDeflatedEntries) {
  expect_state_dict(read_torch_file(kData / "torch_deflated_zip.bin"));
}

TEST(TorchScript, GivesTheTensorsOfTheModulesByTheirNames) {
  for (const char* file : {"torch_script.pt", "torch_script_cuda.pt"}) {
    SCOPED_TRACE(file);
    const Weights weights = read_torch_file(kData / file);
    const std::vector<std::string> block = {"linear.weight",
                                            "linear.bias",
                                            "norm.weight",
                                            "norm.bias",
                                            "norm.running_mean",
                                            "norm.running_var",
                                            "norm.num_batches_tracked"};
    std::vector<std::string> keys = {"scale", "resolution", "blocks.0.weight", "blocks.0.bias"};
    for (const std::string name : {"block.", "again."})
      for (const std::string& key : block) keys.push_back(name + key);
    EXPECT_EQ(weights.keys(), keys);  // those of torch.jit.load(file).state_dict()
    EXPECT_EQ(weights.at("resolution").item<int64_t>(), 224);
    EXPECT_EQ(weights.at("blocks.0.weight").scalar_type(), at::kHalf);
    EXPECT_EQ(weights.at("blocks.0.weight").sizes(), IntArrayRef({2, 2, 1}));
    EXPECT_EQ(weights.at("blocks.0.weight")[0][0].item<float>(), -0.0052947998046875F);
    EXPECT_EQ(weights.at("again.linear.bias")[0].item<float>(), -0.67529296875F);
  }
}

TEST(TorchFileZip, TensorsReadTheMappedFileAndNeverWriteIt) {
  const TemporaryFolder folder;
  fs::copy_file(kData / "torch_zip.bin", folder / "x.bin");
  const Weights weights = read_torch_file(folder / "x.bin");
  Tensor tensor = weights.at("part");
  tensor.fill_(3);
  EXPECT_EQ(weights.at("transposed").sum().item<float>(), 276 - (5 + 6 + 7 + 8) + 4 * 3);
  EXPECT_EQ(contents(folder / "x.bin"), contents(kData / "torch_zip.bin"));
}

}  // namespace
}  // namespace mezzotint
