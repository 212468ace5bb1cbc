// Fixtures: tools/reference/io.py; diffusers' save_pretrained wrote tests/io/data/sharded.
#include "mezzotint/io/weights_folder.h"

#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

const fs::path kData = fs::path(MEZZOTINT_TEST_DATA) / "io/data";
const std::string kStem = "diffusion_pytorch_model";

/// What tools/reference/io.py class Sharded holds.
Weights sharded_weights() {
  Weights weights;
  for (const auto& [key, size] : std::vector<std::pair<std::string, int64_t>>{
           {"z", 10}, {"b", 20}, {"large", 100}, {"a", 10}, {"c", 30}})
    weights.set(key, at::arange(size, at::kFloat));
  return weights;
}

Weights one(float value) {
  Weights weights;
  weights.set("w", at::full({1}, value));
  return weights;
}

float value_in(const fs::path& folder, const std::string& variant = "") {
  return read_weights_folder(folder, variant).at("w").item<float>();
}

std::string error_of(const fs::path& folder, const std::string& variant = "") {
  return message_of([&] { read_weights_folder(folder, variant); });
}

TEST(WeightsFolder, ReadsShardsOfTheReference) {
  for (const char* variant : {"", "fp16"}) {
    const Weights weights = read_weights_folder(kData / "sharded", variant);
    EXPECT_EQ(weights.size(), 5U);
    for (const auto& [key, tensor] : sharded_weights()) EXPECT_TRUE(weights.at(key).equal(tensor));
  }
}

TEST(WeightsFolder, WritesTheReferencesShards) {
  const TemporaryFolder folder;
  write_weights_folder(folder.path(), sharded_weights(), "", kStem, 200);
  write_weights_folder(folder.path(), sharded_weights(), "fp16", kStem, 200);
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kData / "sharded")) {
    EXPECT_EQ(contents(folder / entry.path().filename().string()), contents(entry.path()));
    ++count;
  }
  EXPECT_EQ(count, 8U);
  EXPECT_EQ(folder.listing().size(), count);
}

TEST(WeightsFolder, PrefersWhatDiffusersPrefers) {
  const TemporaryFolder folder;
  fs::copy_file(kData / "torch_nested_zip.bin", folder / (kStem + ".bin"));
  EXPECT_EQ(read_weights_folder(folder.path()).keys(), Names{"a"});
  write_safetensors(folder / (kStem + ".safetensors"), one(2));
  EXPECT_EQ(value_in(folder.path()), 2);
  write_safetensors(folder / "shard.safetensors", one(3));
  put(folder / (kStem + ".safetensors.index.json"),
      R"({"weight_map": {"w": "shard.safetensors"}})");
  EXPECT_EQ(value_in(folder.path()), 3);
}

TEST(WeightsFolder, ReadsVariantsByTheirNames) {
  const TemporaryFolder folder;
  write_weights_folder(folder.path(), one(1));
  write_weights_folder(folder.path(), one(2), "fp16");
  write_weights_folder(folder.path(), one(3), "non_ema");
  EXPECT_EQ(value_in(folder.path()), 1);
  EXPECT_EQ(value_in(folder.path(), "fp16"), 2);
  EXPECT_EQ(value_in(folder.path(), "non_ema"), 3);
  EXPECT_EQ(folder.listing(), (Names{kStem + ".fp16.safetensors", kStem + ".non_ema.safetensors",
                                     kStem + ".safetensors"}));
}

TEST(WeightsFolder, ReadsTheLegacyNamesOfShardedVariants) {
  const TemporaryFolder folder;
  write_safetensors(folder / (kStem + "-00001-of-00001.fp16.safetensors"), one(4));
  put(folder / (kStem + ".safetensors.fp16.index.json"),
      R"({"metadata": {}, "weight_map": {"w": ")" + kStem +
          R"(-00001-of-00001.fp16.safetensors"}})");
  EXPECT_EQ(value_in(folder.path(), "fp16"), 4);
}

TEST(WeightsFolder, ReadsShardsOfTheOldFormat) {
  const TemporaryFolder folder;
  fs::copy_file(kData / "torch_nested_legacy.bin", folder / "one.bin");
  put(folder / (kStem + ".bin.index.json"), R"({"weight_map": {"a": "one.bin"}})");
  EXPECT_EQ(read_weights_folder(folder.path()).keys(), Names{"a"});
}

TEST(WeightsFolder, KnowsTheNamesOfTransformers) {
  const TemporaryFolder folder;
  fs::copy_file(kData / "torch_nested_zip.bin", folder / "pytorch_model.bin");
  EXPECT_EQ(read_weights_folder(folder.path(), "", "model").keys(), Names{"a"});
}

TEST(WeightsFolder, SaysWhatItLookedFor) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(folder.path(), "fp16"), folder.path().string() + ": no weights; looked for " +
                                                 kStem + ".safetensors.index.fp16.json, " + kStem +
                                                 ".safetensors.fp16.index.json, " + kStem +
                                                 ".fp16.safetensors, " + kStem +
                                                 ".bin.index.fp16.json, " + kStem + ".fp16.bin");
  write_weights_folder(folder.path(), one(1), "ema");
  EXPECT_NE(
      error_of(folder.path()).find("there are: " + kStem + ".ema.safetensors; name the variant"),
      std::string::npos);
  EXPECT_NE(error_of(folder / "none").find("no such folder"), std::string::npos);
  fs::create_symlink("gone", folder / (kStem + ".safetensors"));
  EXPECT_NE(error_of(folder.path()).find("a link to a file that isn't there"), std::string::npos);
}

TEST(WeightsFolder, RefusesNamesWithFolders) {
  const TemporaryFolder folder;
  EXPECT_NE(error_of(folder.path(), "../x").find("refuses the name '../x'"), std::string::npos);
}

TEST(WeightsIndex, FaultsAreNamed) {
  const TemporaryFolder folder;
  write_safetensors(folder / "one.safetensors", one(1));
  const auto message = [&](const std::string& index) {
    put(folder / (kStem + ".safetensors.index.json"), index);
    return error_of(folder.path());
  };
  const auto expect = [&](const std::string& index, const std::string& part) {
    const std::string got = message(index);
    EXPECT_NE(got.find(part), std::string::npos) << index << "\n got: " << got;
  };
  expect("[]", "no object 'weight_map'");
  expect("{}", "no object 'weight_map'");
  expect(R"({"weight_map": []})", "no object 'weight_map'");
  expect(R"({"weight_map": {}})", "weight_map is empty");
  expect(R"({"weight_map": {"w": 1}})", "'w' has no file name");
  expect(R"({"weight_map": {"w": "one.safetensors", "w": "two.safetensors"}})",
         "the key 'w' stands twice");
  for (const char* name :
       {"../one.safetensors", "/etc/passwd", "a/b", "a\\\\b", "..", ".", "", "a\\u0000"})
    expect(std::string(R"({"weight_map": {"w": ")") + name + "\"}}", "refuses the file");
  expect(
      R"({"weight_map": {"w": "two.safetensors", "v": "three.safetensors", "u": "one.safetensors"}})",
      "of 3 shards, 2 missing: three.safetensors, two.safetensors");
  expect(R"({"weight_map": {"v": "one.safetensors"}})",
         "'v' should be in one.safetensors but isn't");
  write_safetensors(folder / "two.safetensors", one(1));
  EXPECT_EQ(message(R"({"weight_map": {"w": "two.safetensors"}})"), "");
  Weights both = one(1);
  both.set("v", at::full({1}, 1.0));
  write_safetensors(folder / "two.safetensors", both);
  expect(R"({"weight_map": {"w": "two.safetensors"}})",
         "two.safetensors holds 'v', which isn't listed");
  expect(R"({"weight_map": {"w": "one.safetensors", "v": "two.safetensors"}})",
         "'w' is in two.safetensors but listed for one.safetensors");
  expect("version https://git-lfs.github.com/spec/v1\n", "a git-lfs pointer");
}

TEST(WeightsFolder, ASaveTakesAwayWhatAnEarlierOneLeft) {
  const TemporaryFolder folder;
  write_weights_folder(folder.path(), sharded_weights(), "", kStem, 200);
  write_weights_folder(folder.path(), sharded_weights(), "fp16", kStem, 200);
  EXPECT_EQ(folder.listing().size(), 8U);
  put(folder / "README.md", "");
  write_weights_folder(folder.path(), one(5));
  EXPECT_EQ(value_in(folder.path()), 5);
  EXPECT_EQ(folder.listing().size(), 6U);  // the variant's four, the page and the new file
  EXPECT_EQ(read_weights_folder(folder.path(), "fp16").size(), 5U);
  write_weights_folder(folder.path(), sharded_weights(), "", kStem, 400);
  EXPECT_FALSE(fs::exists(folder / (kStem + ".safetensors")));
  EXPECT_EQ(read_weights_folder(folder.path()).size(), 5U);
}

TEST(WeightsFolder, NothingToSaveIsAFileOfNothing) {
  const TemporaryFolder folder;
  write_weights_folder(folder.path(), {});
  EXPECT_TRUE(read_weights_folder(folder.path()).empty());
}

}  // namespace
}  // namespace mezzotint
