// Fixtures: tools/reference/clip_files.py, which says what they are.
#include "mezzotint/pipelines/clip.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/io/weights_folder.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kData = fs::path(MEZZOTINT_TEST_DATA) / "pipelines/data/clip";

Weights expected() { return read_safetensors(kData / "expected.safetensors").weights; }

double relative_difference(const Tensor& got, const Tensor& wanted) {
  return ((got - wanted).abs().max() / wanted.abs().max()).item<double>();
}

/// @param prefix "gelu.": with the other activation.
void expect_same_model(const CLIPModel& model, const std::string& prefix = "") {
  const Weights wanted = expected();
  const Tensor pixels = wanted.at("pixels").clone().requires_grad_(true);
  const Tensor image = model.image_embeds(pixels);
  EXPECT_LE(relative_difference(image, wanted.at(prefix + "image_embeds")), 1e-5);
  EXPECT_LE(
      relative_difference(model.text_embeds(wanted.at("ids")), wanted.at(prefix + "text_embeds")),
      1e-5);
  (image * wanted.at("v")).sum().backward();
  EXPECT_LE(relative_difference(pixels.grad(), wanted.at(prefix + "grad_pixels")), 1e-4);
  EXPECT_EQ(model.logit_scale().item<float>(), 2.5F);
}

using Warnings = std::vector<std::string>;

TEST(LoadClip, ReadsTransformersFolder) {
  const Clip clip = load_clip(kData / "transformers");
  expect_same_model(*clip.model);
  EXPECT_EQ(clip.warnings, Warnings());
  EXPECT_EQ(clip.preprocessing.mean, (std::vector<double>{0.5, 0.25, 0.125}));
  EXPECT_EQ(clip.preprocessing.std, (std::vector<double>{0.5, 0.75, 1.0}));
  EXPECT_EQ(clip.preprocessing.size, 16);
  EXPECT_EQ(clip.tokenizer_files.cleaning, ClipCleaning::kTransformers);
  EXPECT_TRUE(clip.tokenizer_files.vocab.empty());
}

TEST(LoadClip, ReadsOpenClipFolder) {
  const Clip clip = load_clip(kData / "open_clip");
  expect_same_model(*clip.model);
  EXPECT_EQ(clip.warnings, Warnings());
  EXPECT_EQ(clip.preprocessing.std, (std::vector<double>{0.5, 0.75, 1.0}));
  EXPECT_EQ(clip.tokenizer_files.cleaning, ClipCleaning::kOpenClip);
}

TEST(LoadClip, ReadsOpenAIsArchive) {
  const Clip clip = load_clip(kData / "openai.pt");
  expect_same_model(*clip.model);
  EXPECT_EQ(clip.warnings, Warnings());
  EXPECT_EQ(clip.preprocessing.size, 16);
  EXPECT_EQ(clip.preprocessing.mean[0], 0.48145466);
  EXPECT_EQ(clip.tokenizer_files.cleaning, ClipCleaning::kOpenClip);
}

TEST(LoadClip, AllFormsHoldTheSameWeights) {
  const Weights wanted = load_clip(kData / "transformers").model->parameters();
  for (const char* other : {"open_clip", "openai.pt"}) {
    const Weights got = load_clip(kData / other).model->parameters();
    EXPECT_EQ(got.keys(), wanted.keys());
    for (const auto& [key, tensor] : wanted) EXPECT_TRUE(got.at(key).equal(tensor)) << key;
  }
}

TEST(LoadClip, AnOptionSaysTheActivation) {
  for (const char* form : {"transformers", "open_clip", "openai.pt"})
    expect_same_model(*load_clip(kData / form, {.hidden_act = "gelu"}).model, "gelu.");
}

/// The weights of open_clip's form as a file.
fs::path state_dict_file(const TemporaryFolder& folder, const std::string& prefix,
                         const std::string& text_prefix) {
  Weights stored;
  for (const auto& [key, tensor] : read_weights_folder(kData / "open_clip", "", "open_clip_model"))
    stored.set(
        concat(prefix, key.starts_with("visual.") || key == "logit_scale" ? "" : text_prefix, key),
        (key == "logit_scale" ? tensor.view({1}) : tensor).contiguous());
  write_safetensors(folder / "clip.safetensors", stored);
  return folder / "clip.safetensors";
}

TEST(LoadClip, ReadsBareFilesOfAnyPrefix) {
  for (const char* prefix : {"", "module."})
    for (const char* text_prefix : {"", "text."}) {
      SCOPED_TRACE(std::string(prefix) + text_prefix);
      const TemporaryFolder folder;
      const fs::path file = state_dict_file(folder, prefix, text_prefix);
      expect_same_model(*load_clip(file, {.hidden_act = "quick_gelu"}).model);
    }
  const TemporaryFolder folder;
  const Clip clip = load_clip(state_dict_file(folder, "", ""));
  expect_same_model(*clip.model, "gelu.");
  ASSERT_EQ(clip.warnings.size(), 1);
  EXPECT_NE(clip.warnings[0].find("doesn't say its activation; taking gelu"), std::string::npos);
}

TEST(LoadClip, ReadsSafetensorsAndShardsAndFindsTheTokenizer) {
  const TemporaryFolder folder;
  const fs::path hf = kData / "transformers";
  fs::copy_file(hf / "config.json", folder / "config.json");
  write_weights_folder(folder.path(), read_weights_folder(hf, "", "model"), "", "model", 100'000);
  ASSERT_TRUE(fs::exists(folder / "model.safetensors.index.json"));
  for (const char* name : {"vocab.json", "merges.txt"}) put(folder / name, "");
  const Clip clip = load_clip(folder.path());
  expect_same_model(*clip.model);
  EXPECT_EQ(clip.tokenizer_files.vocab, folder / "vocab.json");
  EXPECT_EQ(clip.tokenizer_files.merges, folder / "merges.txt");
  EXPECT_TRUE(clip.tokenizer_files.tokenizer.empty());
  ASSERT_EQ(clip.warnings.size(), 1);
  EXPECT_NE(clip.warnings[0].find("has no preprocessor_config.json; taking OpenAI's"),
            std::string::npos);
}

TEST(LoadClip, AFolderOfBothFormsIsTransformers) {
  const TemporaryFolder folder;
  for (const char* form : {"open_clip", "transformers"})
    for (const auto& entry : fs::directory_iterator(kData / form))
      fs::copy_file(entry.path(), folder / entry.path().filename().string());
  EXPECT_EQ(load_clip(folder.path()).tokenizer_files.cleaning, ClipCleaning::kTransformers);
  fs::remove(folder / "pytorch_model.bin");
  EXPECT_EQ(load_clip(folder.path()).tokenizer_files.cleaning, ClipCleaning::kOpenClip);
}

class LoadClipFaults : public ::testing::Test {
 protected:
  /// The error of transformers' folder with changes to a JSON file of it.
  std::string fault_with(const std::string& form, const std::string& file, const json& change) {
    const TemporaryFolder folder;
    for (const auto& entry : fs::directory_iterator(kData / form))
      fs::copy_file(entry.path(), folder / entry.path().filename().string());
    json changed = read_json(folder / file);
    changed.merge_patch(change);
    write_json(folder / file, changed);
    std::string message = message_of([&] { load_clip(folder.path()); });
    const std::string path = folder.path().string();
    const size_t at = message.find(path);
    return at == std::string::npos ? message : message.replace(at, path.size(), "DIR");
  }
};

TEST_F(LoadClipFaults, OfConfigurationsAreNamed) {
  EXPECT_EQ(fault_with("transformers", "config.json", {{"model_type", "clip_text_model"}}),
            "DIR: CLIPModel config: model_type \"clip_text_model\" is one tower alone; wanted a"
            " CLIPModel of both");
  EXPECT_EQ(fault_with("transformers", "config.json", {{"projection_dim", 13}}),
            "DIR: CLIPModel: the weights don't fit the configuration: 2 misshapen (first:"
            " visual_projection.weight has shape [12, 64], wanted [13, 64]). Check that config.json"
            " and the weights belong together");
  EXPECT_EQ(fault_with("transformers", "preprocessor_config.json", {{"image_std", {0.5, 0.5}}}),
            "DIR/preprocessor_config.json: got 3 means and 2 deviations, wanted 3, one for each"
            " channel of the model");
  EXPECT_EQ(fault_with("open_clip", "open_clip_config.json",
                       {{"model_cfg", {{"vision_cfg", {{"layers", {3, 4, 6, 3}}}}}}}),
            "DIR/open_clip_config.json: open_clip model_cfg: vision_cfg: a ResNet isn't supported;"
            " wanted a vision transformer (ViT)");
}

TEST_F(LoadClipFaults, OfFilesAreNamed) {
  const TemporaryFolder folder;
  const auto fault = [&] {
    std::string message = message_of([&] { load_clip(folder / "x.safetensors"); });
    return message.substr(message.find("x.safetensors"));
  };
  Weights weights;
  write_safetensors(folder / "x.safetensors", weights);
  EXPECT_EQ(fault(),
            "x.safetensors: CLIP weights: no tensor"
            " vision_model.embeddings.patch_embedding.weight; wanted OpenAI's CLIP,"
            " open_clip's or transformers', with a vision transformer");
  weights = read_weights_folder(kData / "open_clip", "", "open_clip_model");
  weights.set("visual.conv1.weight", weights.at("visual.conv1.weight").narrow(0, 0, 60).clone());
  for (const auto& [key, tensor] : Weights(weights)) weights.set(key, tensor.contiguous());
  write_safetensors(folder / "x.safetensors", weights);
  EXPECT_EQ(fault(),
            "x.safetensors: CLIP weights: a vision tower of 60 channels doesn't tell its"
            " number of heads; put a config.json or open_clip_config.json beside the"
            " weights and load the folder");
  EXPECT_NE(message_of([&] { load_clip(folder / "y"); }).find("no such file or folder"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              load_clip(folder.path());
            }).find("has neither config.json nor open_clip_config.json"),
            std::string::npos);
  EXPECT_EQ(message_of([] { load_clip(kData / "openai.pt", {.hidden_act = "gelo"}); }),
            "hidden_act: unknown value 'gelo', did you mean 'gelu'?; known: gelu, quick_gelu");
}

}  // namespace
}  // namespace mezzotint
