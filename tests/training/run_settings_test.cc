#include "mezzotint/training/run_settings.h"

#include <gtest/gtest.h>

#include "mezzotint/base/fields.h"
#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/training/starting_settings.h"

namespace mezzotint {
namespace {

using Names = std::vector<std::string>;

Names chosen_names(const RunConfig& config, const std::string& command_line) {
  Names names;
  for (const auto& [name, value] : chosen_settings(to_json(config), command_line))
    names.push_back(name);
  return names;
}

/// The settings with a network as a run writes them: whole, and with what follows from others.
RunConfig resolved(RunConfig config) {
  nlohmann::json network = to_json(UNet2DConfig());
  network.update(config.model);
  network["sample_size"] = 32;
  network["in_channels"] = 7;
  network["_class_name"] = "UNet2DModel";
  config.model = network;
  config.pictures = 260;
  return config;
}

TEST(ChosenSettings, AreHeldAgainstWhatTheVerbBeginsWith) {
  RunConfig config = resolved(train_settings("emoji-32", false));
  EXPECT_EQ(chosen_names(config, "mezzotint train -o run"), Names{});
  config.training.lr = 1e-3;
  config.model["layers_per_block"] = 2;
  EXPECT_EQ(chosen_names(config, "mezzotint train -o run"),
            (Names{"lr", "model.layers_per_block"}));
}

TEST(ChosenSettings, AreHeldAgainstThePreset) {
  const RunConfig config = resolved(train_settings("course-mnist", false));
  for (const char* preset : {"--preset course-mnist", "--preset=course-mnist"})
    EXPECT_EQ(chosen_names(config, std::string("mezzotint train -o run ") + preset), Names{});
  const Names against_another = chosen_names(config, "mezzotint train --preset nobody-knows");
  EXPECT_NE(std::ranges::find(against_another, "lr"), against_another.end());
}

TEST(ChosenSettings, LeaveOutWhatAPretrainedModelIs) {
  RunConfig config = resolved(finetune_settings());
  config.init = "/models/emoji-32";
  config.class_conditional = true;
  config.model["block_out_channels"] = {48, 64, 96, 112};
  config.model["dropout"] = 0.1;
  config.scheduler["beta_schedule"] = "squaredcos_cap_v2";
  config.transform.height = config.transform.width = 32;
  EXPECT_EQ(chosen_names(config, "mezzotint finetune emoji-32 -o run"), Names{"init"});
  EXPECT_EQ(chosen_names(config, ""), Names{"init"});  // with a model finetune is the likeliest
  config.transform.height = config.transform.width = 64;
  config.training.lr = 2e-5;
  EXPECT_EQ(chosen_names(config, "mezzotint finetune emoji-32 -o run --dropout 0.1"),
            (Names{"init", "lr", "model.dropout", "transform.height", "transform.width"}));
}

TEST(ChosenSettings, TakeWhateverAConfigurationIs) {
  EXPECT_TRUE(chosen_settings(nlohmann::json::object(), "").empty());
  const nlohmann::json odd = {{"recipe", 3}, {"init", "x"}, {"model", 7}, {"more", {{"a", 1}}}};
  EXPECT_EQ(chosen_settings(odd, "mezzotint finetune --preset").at("more.a"), 1);
}

}  // namespace
}  // namespace mezzotint
