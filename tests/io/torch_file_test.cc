// Fixtures: tools/reference/torch_files.py.
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(MEZZOTINT_TEST_DATA) / "io/data";

std::string error_of(const fs::path& path) {
  try {
    read_torch_file(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

class TorchFile : public testing::TestWithParam<const char*> {
 protected:
  fs::path file(const std::string& name) const {
    return kData / (name + "_" + GetParam() + ".bin");
  }
};

TEST_P(TorchFile, GivesTheTensorsThatWereSaved) {
  const Weights weights = read_torch_file(file("torch"));
  EXPECT_EQ(weights.size(), 11u);
  EXPECT_EQ(weights.keys()[0], "conv.weight");
  const Tensor base = at::arange(24, at::kFloat);
  EXPECT_TRUE(at::equal(weights.at("conv.weight"), (base / 8).reshape({2, 3, 4})));
  EXPECT_TRUE(at::equal(weights.at("transposed"), base.reshape({4, 6}).t()));
  EXPECT_TRUE(at::equal(weights.at("part"), base.slice(0, 5, 9)));
  EXPECT_EQ(weights.at("half").scalar_type(), at::kHalf);
  EXPECT_EQ(weights.at("half")[1].item<float>(), -2.25f);
  EXPECT_EQ(weights.at("brain").scalar_type(), at::kBFloat16);
  EXPECT_EQ(weights.at("brain")[1].item<float>(), 0.125f);
  EXPECT_EQ(weights.at("double").item<double>(), 1e300);
  EXPECT_EQ(weights.at("steps").item<int64_t>(), 7);
  EXPECT_TRUE(weights.at("flags")[0].item<bool>());
  EXPECT_EQ(weights.at("bytes")[4].item<int64_t>(), 4);
  EXPECT_EQ(weights.at("empty").sizes(), IntArrayRef({0, 3}));
  EXPECT_EQ(weights.at("parameter").item<float>(), 0.5f);
}

TEST_P(TorchFile, FindsANestedStateDict) {
  const Weights weights = read_torch_file(file("torch_nested"));
  EXPECT_EQ(weights.keys(), std::vector<std::string>{"a"});
}

TEST_P(TorchFile, RefusesCodeByName) {
  const std::string message = error_of(file("torch_hostile"));
  EXPECT_NE(message.find("refuses 'posix.system'"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists("/tmp/mezzotint_was_run"));
}

TEST_P(TorchFile, DamageOnlyEverThrowsError) {
  const std::string whole = read_file(file("torch"));
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "damaged.bin";
  std::mt19937 engine(1);
  for (int round = 0; round < 600; ++round) {
    std::string bytes = whole;
    if (round % 3 == 0) {
      bytes.resize(engine() % bytes.size());
    } else {
      // The pickles stand at the start; that is where damage is interesting.
      const size_t reach = round % 3 == 1 ? bytes.size() : std::min<size_t>(bytes.size(), 900);
      for (unsigned flips = 1 + engine() % 3; flips > 0; --flips)
        bytes[engine() % reach] ^= static_cast<char>(1 << engine() % 8);
    }
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      read_torch_file(path);
    } catch (const Error&) {
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, TorchFile, testing::Values("zip", "legacy"),
                         [](const auto& form) { return std::string(form.param); });

TEST(TorchFileErrors, SayWhatTheFileIs) {
  EXPECT_NE(error_of(kData / "torch_plain_pickle.bin").find("is no file of torch.save"),
            std::string::npos);
  const TemporaryFolder folder;
  const auto written = [&](const std::string& bytes) {
    std::ofstream(folder.path() / "x.bin", std::ios::binary) << bytes;
    return error_of(folder.path() / "x.bin");
  };
  EXPECT_NE(written("hello").find("neither a zip archive nor a pickle"), std::string::npos);
  EXPECT_NE(
      written("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n").find("git-lfs"),
      std::string::npos);
  // A cyclic list, a huge memo index, an unknown opcode.
  EXPECT_NE(written("\x80\x02]q\x01h\x01"
                    "a.")
                .find("torch.save"),
            std::string::npos);
  EXPECT_NE(written(std::string("\x80\x02Nr\xff\xff\xff\xff.", 9)).find("memo index"),
            std::string::npos);
  EXPECT_NE(written("\x80\x02i").find("refuses the pickle opcode 105"), std::string::npos);
}

/// The stream form around one pickle of a state_dict.
std::string legacy_file(const std::string& pickle) {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string version("\x80\x02M\xe9\x03.", 6);
  return magic + version + "\x80\x02}X\x0d" + std::string(3, '\0') + "little_endian\x88s." +
         pickle + "\x80\x02].";
}

TEST(TorchFileErrors, CyclesAndBombsEndInAnError) {
  const TemporaryFolder folder;
  const auto written = [&](const std::string& pickle) {
    std::ofstream(folder.path() / "x.bin", std::ios::binary) << legacy_file(pickle);
    return error_of(folder.path() / "x.bin");
  };
  EXPECT_EQ(written("\x80\x02}."), "no error");
  // d["state_dict"] = d
  EXPECT_NE(
      written(std::string("\x80\x02}q\0X\x0a\0\0\0state_dicth\0s.", 24)).find("holds no tensors"),
      std::string::npos);
  // A long list made a torch.Size, over and over.
  std::string many("\x80\x02(");
  for (int i = 0; i < 5000; ++i) many += "N";
  many += std::string("tq\0", 3) + "ctorch\nSize\n" + std::string("q\x01", 2);
  many += std::string("h\x01h\0\x85R", 6) + ".";
  EXPECT_NE(written(many).find("is damaged"), std::string::npos);
}

}  // namespace
}  // namespace mezzotint
