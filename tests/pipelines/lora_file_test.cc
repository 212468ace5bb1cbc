// Adapters as peft 0.21 wrote them (tools/reference/lora.py), as diffusers names them, and ours.

#include "mezzotint/pipelines/lora_file.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/models/unet_2d.h"
#include "mezzotint/pipelines/lora_keys.h"

#include "tests/pipelines/temporary_pipeline.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path saved_by_peft(const std::string& name) {
  return fs::path(MEZZOTINT_TEST_DATA) / "pipelines/data/lora" / name;
}

/// A copy of an adapter to be changed, gone after the test.
class TemporaryAdapter {
 public:
  explicit TemporaryAdapter(const std::string& name) {
    fs::copy(saved_by_peft(name), folder_.path(), fs::copy_options::recursive);
  }
  fs::path path() const { return folder_.path(); }
  json config() const { return read_json(path() / "adapter_config.json"); }
  Weights weights() const { return read_safetensors(path() / "adapter_model.safetensors").weights; }
  void set(const std::string& key, const json& value) const {
    json changed = config();
    changed[key] = value;
    write_json(path() / "adapter_config.json", changed);
  }
  void write(const Weights& weights) const {
    write_safetensors(path() / "adapter_model.safetensors", weights);
  }

 private:
  TemporaryPipeline folder_;
};

std::string fault_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailed) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "accepted";
}

std::string fault_of(const fs::path& path) {
  return fault_of([&] { load_lora(path); });
}

void expect_says(const std::string& message, const std::string& words) {
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

void expect_same(const LoraAdapter& a, const LoraAdapter& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [module, change] : a) {
    const ops::LowRank other = b.find(module);
    ASSERT_TRUE(other.defined()) << module;
    EXPECT_TRUE(change.a.equal(other.a) && change.b.equal(other.b)) << module;
    EXPECT_DOUBLE_EQ(change.scale, other.scale) << module;
  }
}

TEST(LoraFile, ReadsWhatPeftSaved) {
  const LoraFile style = load_lora(saved_by_peft("style"));
  EXPECT_EQ(style.ranks(), "3");
  EXPECT_EQ(style.adapter.size(), 50U);
  for (const auto& [module, change] : style.adapter) EXPECT_EQ(change.scale, 2) << module;
}

TEST(LoraFile, RanksAndAlphasGoByPatternAndRoot) {
  const LoraFile pose = load_lora(saved_by_peft("pose"));
  EXPECT_EQ(pose.ranks(), "2 to 4");
  const auto scale = [&](const std::string& module) { return pose.adapter.find(module).scale; };
  EXPECT_DOUBLE_EQ(scale("mid_block.resnets.1.conv2"), 1.5 / std::sqrt(4));
  EXPECT_DOUBLE_EQ(scale("up_blocks.0.resnets.1.conv2"), 4 / std::sqrt(4));
  EXPECT_DOUBLE_EQ(scale("mid_block.attentions.0.to_q"), 5 / std::sqrt(2));
  EXPECT_DOUBLE_EQ(scale("mid_block.attentions.0.to_out.0"), 4 / std::sqrt(2));
}

TEST(LoraFile, ReadsBackWhatItSaves) {
  const TemporaryPipeline scratch;
  for (const char* name : {"style", "pose"}) {
    const LoraFile first = load_lora(saved_by_peft(name));
    save_lora(first.adapter, "somewhere", scratch.path() / name);
    const LoraFile second = load_lora(scratch.path() / name);
    expect_same(first.adapter, second.adapter);
    EXPECT_EQ(second.base_model(), "somewhere");
    const auto keys = [](const fs::path& folder) {
      std::vector<std::string> all =
          read_safetensors(folder / "adapter_model.safetensors").weights.keys();
      std::ranges::sort(all);
      return all;
    };
    EXPECT_EQ(keys(scratch.path() / name), keys(saved_by_peft(name)));
  }
}

TEST(LoraFile, ARunFoldersAdapterIsRead) {
  const TemporaryPipeline scratch;
  const LoraAdapter style = load_lora(saved_by_peft("style")).adapter;
  save_lora(style, "", scratch.path() / "adapter");
  expect_same(load_lora(scratch.path()).adapter, style);
}

/// The weights of `style` under other names.
Weights renamed(const std::function<std::string(const std::string& module, bool is_a)>& name) {
  Weights all;
  for (const auto& [module, change] : load_lora(saved_by_peft("style")).adapter) {
    all.set(name(module, true), change.a);
    all.set(name(module, false), change.b);
  }
  return all;
}

LoraAdapter counted_once(LoraAdapter adapter) {
  for (const auto& [module, change] : LoraAdapter(adapter)) {
    ops::LowRank once = change;
    once.scale = 1;
    adapter.set(module, once);
  }
  return adapter;
}

TEST(LoraFile, ReadsDiffusersNames) {
  const TemporaryPipeline scratch;
  const LoraAdapter style = load_lora(saved_by_peft("style")).adapter;
  const fs::path file = scratch.path() / "pytorch_lora_weights.safetensors";
  const auto peft = [](const std::string& m, bool a) {
    return "unet." + m + (a ? ".lora_A.weight" : ".lora_B.weight");
  };
  write_safetensors(file, renamed(peft));
  expect_same(load_lora(scratch.path()).adapter, counted_once(style));
  expect_same(load_lora(file).adapter, counted_once(style));

  write_safetensors(file, renamed(peft),
                    {{"lora_adapter_metadata", R"({"unet.r": 3, "unet.lora_alpha": 6})"}});
  expect_same(load_lora(file).adapter, style);

  Weights old = renamed([](const std::string& m, bool a) {
    return m + (a ? ".lora.down.weight" : ".lora.up.weight");
  });
  for (const auto& [module, change] : style) old.set(module + ".alpha", at::full({}, 6.0F));
  write_safetensors(file, old);
  expect_same(load_lora(file).adapter, style);
}

TEST(LoraKey, AttentionProcessorsOfTheFirstReleases) {
  const LoraKey key = parse_lora_key("mid_block.attentions.0.processor.to_q_lora.down.weight", "x");
  EXPECT_EQ(key.module, "mid_block.attentions.0.to_q");
  EXPECT_EQ(key.part, LoraPart::kA);
  EXPECT_EQ(parse_lora_key("mid_block.attentions.0.processor.to_out_lora.up.weight", "x").module,
            "mid_block.attentions.0.to_out.0");
}

TEST(LoraFile, VariantsAreRefusedByName) {
  const std::pair<const char*, json> settings[] = {{"use_dora", true},
                                                   {"lora_bias", true},
                                                   {"use_qalora", true},
                                                   {"fan_in_fan_out", true},
                                                   {"modules_to_save", {"x"}},
                                                   {"layer_replication", {{0, 1}}},
                                                   {"init_lora_weights", "pissa_niter_4"}};
  for (const auto& [key, value] : settings) {
    const TemporaryAdapter adapter("style");
    adapter.set(key, value);
    expect_says(fault_of(adapter.path()), key);
  }
  const TemporaryAdapter loha("style");
  loha.set("peft_type", "LOHA");
  expect_says(fault_of(loha.path()), "peft_type is 'LOHA', wanted LORA");
  for (const auto& [key, name] :
       {std::pair("mid_block.attentions.0.to_q.lora_magnitude_vector", "DoRA"),
        std::pair("mid_block.attentions.0.to_q.hada_w1_a", "LoHa"),
        std::pair("mid_block.attentions.0.to_q.lokr_w1", "LoKr"),
        std::pair("lora_unet_mid_block_attentions_0_to_q.lora_down.weight", "kohya's names"),
        std::pair("text_encoder.layers.0.q_proj.lora_A.weight", "a text encoder"),
        std::pair("mid_block.attentions.0.to_q.weight", "no part of a LoRA adapter")}) {
    const TemporaryAdapter adapter("style");
    Weights weights = adapter.weights();
    weights.set(key, at::ones({2, 2}));
    adapter.write(weights);
    expect_says(fault_of(adapter.path()), name);
  }
}

TEST(LoraFile, DamagedOnesAreRefused) {
  const auto with = [](const std::string& key, const json& value) {
    const TemporaryAdapter adapter("pose");
    adapter.set(key, value);
    return fault_of(adapter.path());
  };
  expect_says(with("r", 5), "says rank 5 for");
  expect_says(with("r", -1), "r: got -1");
  expect_says(with("r", "two"), "wanted a whole number");
  expect_says(with("lora_alpha", nullptr), "wanted a number");
  expect_says(with("rank_pattern", {{"conv2", "many"}}), "rank_pattern");
  expect_says(with("rank_pattern", {{"(conv2", 4}}), "(conv2: regular expression");
  expect_says(with("alpha_pattern", {{"(a+)+$", 4}, {"to_q", 5}}), "accepted");

  const auto without = [](const std::string& ending) {
    const TemporaryAdapter adapter("style");
    Weights kept;
    for (const auto& [key, tensor] : adapter.weights())
      if (!key.ends_with(ending)) kept.set(key, tensor);
    adapter.write(kept);
    return fault_of(adapter.path());
  };
  expect_says(without("conv1.lora_B.weight"), "conv1 has lora_A alone");
  expect_says(without("to_q.lora_A.weight"), "to_q has lora_B alone");
  expect_says(without("weight"), "holds no tensors");

  const auto changed = [](const Tensor& a) {
    const TemporaryAdapter adapter("style");
    Weights weights = adapter.weights();
    weights.set("base_model.model.mid_block.attentions.0.to_q.lora_A.weight", a);
    adapter.write(weights);
    return fault_of(adapter.path());
  };
  expect_says(changed(at::ones({3})), "lora_A is [3] and lora_B [24, 3]");
  expect_says(changed(at::ones({2, 24})), "lora_A is [2, 24] and lora_B [24, 3]");
  expect_says(changed(at::ones({0, 24})), "lora_A is [0, 24]");
  expect_says(changed(at::ones({3, 24}, at::kLong)), "wanted floating point");

  const TemporaryPipeline nothing;
  expect_says(fault_of(nothing.path()), "is no adapter; wanted a folder with adapter_config.json");
  expect_says(fault_of(nothing.path() / "elsewhere"), "no such adapter");
}

}  // namespace
}  // namespace mezzotint
