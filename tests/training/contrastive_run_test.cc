#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/io/image_tensor.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/joint_embedding.h"
#include "mezzotint/training/caption_texts.h"
#include "mezzotint/training/prepared_run.h"
#include "mezzotint/training/run.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

/// Six pictures of one colour each, named after it.
void write_data(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const std::pair<const char*, std::array<uint8_t, 3>> colors[] = {
      {"red", {255, 0, 0}}, {"green", {0, 255, 0}},     {"blue", {0, 0, 255}},
      {"black", {0, 0, 0}}, {"white", {255, 255, 255}}, {"yellow", {255, 255, 0}}};
  std::ofstream lines(folder / "metadata.jsonl");
  for (const auto& [name, rgb] : colors) {
    Image image{.width = 8, .height = 8, .channels = 3};
    for (int i = 0; i < 64; ++i) image.pixels.insert(image.pixels.end(), rgb.begin(), rgb.end());
    write_png(folder / (std::string(name) + ".png"), image);
    lines << nlohmann::json{{"file_name", std::string(name) + ".png"},
                            {"text", name},
                            {"keywords", {std::string("colour of ") + name, "colour"}},
                            {"held_out", {std::string(name) + "dish"}}}
          << "\n";
  }
  std::ofstream(folder / "thesaurus.jsonl")
      << R"({"words": ["red", "scarlet"], "counts": [4, 1], "definition": "like blood", "distance": 0, "related": [1]})"
      << "\n"
      << R"({"words": ["colour"], "counts": [9], "definition": "what light has", "distance": 1, "related": [0]})"
      << "\n";
}

RunConfig tiny_clip(const std::filesystem::path& data) {
  RunConfig config;
  overlay(config, nlohmann::json::parse(R"({
    "recipe": "clip",
    "training": {"batch_size": 4, "num_epochs": 60, "lr": 3e-3, "seed": 5, "log_samples_every": 60,
                 "save_model_every": 0, "adam_weight_decay": 0.0},
    "contrastive": {"vocabulary": 560, "text_pairs": 6, "captions_per_picture": 2},
    "augmentation": {"color": 0, "contrast": 0, "noise": 0.1},
    "model": {"projection_dim": 8,
              "text_config": {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
                              "num_attention_heads": 2, "max_position_embeddings": 12},
              "vision_config": {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
                                "num_attention_heads": 2, "image_size": 8, "patch_size": 4}}
  })"),
          "test");
  config.data = data.string();
  return config;
}

/// The last number of a name in metrics.jsonl, and the first.
std::pair<double, double> last_and_first(const std::filesystem::path& run,
                                         const std::string& name) {
  std::vector<double> found;
  std::ifstream file(run / "metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json record = nlohmann::json::parse(line);
    if (record.at("name") == name) found.push_back(record.at("value"));
  }
  return {found.at(found.size() - 1), found.at(0)};
}

TEST(ContrastiveRun, LearnsWhichTextIsWhichPicture) {
  const ScratchFolder scratch;
  write_data(scratch / "data");
  start_run(tiny_clip(scratch / "data"), scratch / "run");
  EXPECT_EQ(last_and_first(scratch / "run", "retrieval_names").first, 1);
  EXPECT_LT(last_and_first(scratch / "run", "loss").first,
            0.6 * last_and_first(scratch / "run", "loss").second);
  // The model that was saved says the same.
  const JointEmbedding joint = load_joint_embedding(scratch / "run/model");
  EXPECT_EQ(joint.image_size, 8);
  const Tensor texts = unit_text_embeds(joint, {"red", "blue", "yellow"});
  for (int64_t k = 0; k < 3; ++k) {
    const char* name = std::array{"red.png", "blue.png", "yellow.png"}[static_cast<size_t>(k)];
    const Tensor picture = image_to_tensor(read_image(scratch / "data" / name)).unsqueeze(0);
    const Tensor cosine = texts.mv(unit_image_embeds(joint, picture)[0]);
    EXPECT_EQ(cosine.argmax().item<int64_t>(), k) << name;
  }
}

TEST(ContrastiveRun, GoesOnToTheSameBits) {
  const ScratchFolder scratch;
  write_data(scratch / "data");
  RunConfig config = tiny_clip(scratch / "data");
  config.training.num_epochs = 4;
  config.training.ema = true;
  config.training.save_model_every = 3;
  start_run(config, scratch / "whole");
  RunHooks hooks;
  struct StopAfter : Logger {
    explicit StopAfter(CancelToken token) : cancel(std::move(token)) {}
    void log(const Record& record) override {
      if (record.name == "loss" && record.at.update == 5) cancel.cancel();
    }
    CancelToken cancel;
  };
  hooks.on_start = [&](const PreparedRun&, const Position&) {
    return std::vector<LoggerPtr>{std::make_shared<StopAfter>(hooks.cancel)};
  };
  EXPECT_THROW(start_run(config, scratch / "broken", hooks), Error);
  resume_run(scratch / "broken");
  const auto weights = [&](const char* run) {
    return read_safetensors(scratch / run / "model/model.safetensors").weights;
  };
  const Weights whole = weights("whole"), broken = weights("broken");
  for (const auto& [key, tensor] : whole) EXPECT_TRUE(tensor.equal(broken.at(key))) << key;
}

TEST(ContrastiveRun, SaysWhatIsWrong) {
  const ScratchFolder scratch;
  write_data(scratch / "data");
  RunConfig config = tiny_clip(scratch / "data");
  config.init = "emoji-32";
  EXPECT_NE(error_of([&] { prepare_run(config); }).find("random weights only"), std::string::npos);
  config.init = "";
  config.recipe = "clop";
  EXPECT_NE(error_of([&] { prepare_run(config); }).find("did you mean 'clip'?"), std::string::npos);
  config.recipe = "clip";
  config.data = scratch.path().string();
  EXPECT_NE(error_of([&] { prepare_run(config); }).find("has no metadata.jsonl"),
            std::string::npos);
  RunConfig other;
  EXPECT_NE(
      error_of([&] {
        overlay(other, {{"recipe", "clip"}, {"model", {{"block_out_channels", {8}}}}}, "test");
      }).find("unknown key 'block_out_channels'"),
      std::string::npos);
}

TEST(CaptionTexts, DrawsWhatBelongsTogether) {
  const ScratchFolder scratch;
  write_data(scratch / "data");
  const auto captions = read_captions(scratch / "data");
  const auto meanings = read_thesaurus(scratch / "data");
  const RunConfig config = tiny_clip(scratch / "data");
  const ClipTokenizer tokenizer(
      [] {
        ClipVocabulary bytes;
        int64_t id = 0;
        for (const char* end : {"", "</w>"})
          for (int b = 0; b < 256; ++b)
            bytes.ids.emplace(byte_symbol(static_cast<uint8_t>(b)) + end, id++);
        bytes.ids.emplace("<|startoftext|>", id++);
        bytes.ids.emplace("<|endoftext|>", id++);
        return bytes;
      }(),
      {});
  CaptionTexts texts(captions, meanings, tokenizer, config.contrastive);
  Draws draws(1);
  std::set<int64_t> seen;
  for (int i = 0; i < 200; ++i) {
    const int64_t text = texts.draw_caption(2, draws);
    const auto& owners = texts.carriers(text);
    EXPECT_TRUE(std::ranges::find(owners, 2) != owners.end());
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 3u);  // its name and two keywords
  EXPECT_EQ(texts.carriers(texts.add("colour")).size(), 6u);
  EXPECT_EQ(texts.carriers(texts.add("Colour")).size(), 6u);  // the same tokens
  EXPECT_TRUE(texts.carriers(texts.add("reddish")).empty());  // held out
  for (int i = 0; i < 200; ++i) {
    const TextPair pair = texts.draw_pair(draws);
    for (const size_t side : {0, 1}) {
      EXPECT_TRUE(pair.meanings[side] == 0 || pair.meanings[side] == 1);
      EXPECT_GE(pair.texts[side], 0);
    }
  }
}

}  // namespace
}  // namespace mezzotint
