#include "mezzotint/pipelines/course_import.h"

#include <string>
#include <vector>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

using nlohmann::json;

const std::string kTable = "class_emb.weight", kNetwork = "model.";

/// `side` "down" or "up": a block's type, by whether it has attention.
std::vector<std::string> block_types(const Weights& network, const std::string& side,
                                     const std::string& plain, const std::string& attentive) {
  std::vector<std::string> types;
  for (size_t i = 0; network.contains(concat(side, "_blocks.", i, ".resnets.0.conv1.weight"));
       ++i) {
    const bool attention =
        network.contains(concat(side, "_blocks.", i, ".attentions.0.to_q.weight")) ||
        network.contains(concat(side, "_blocks.", i, ".attentions.0.query.weight"));
    types.push_back(attention ? attentive : plain);
  }
  return types;
}

/// The course's settings, and what the keys and shapes tell.
json unet_config(const Weights& network, const std::string& where) {
  const std::vector<std::string> down =
      block_types(network, "down", "DownBlock2D", "AttnDownBlock2D");
  MEZZO_CHECK(!down.empty(), where, ": has ", kTable,
              " but no model.down_blocks.0: not the course's network");
  std::vector<int64_t> channels;
  for (size_t i = 0; i < down.size(); ++i)
    channels.push_back(network.at(concat("down_blocks.", i, ".resnets.0.conv1.weight")).size(0));
  int64_t layers = 0;
  while (network.contains(concat("down_blocks.0.resnets.", layers, ".conv1.weight"))) ++layers;
  return {{"_class_name", "UNet2DModel"},
          {"sample_size", 28},
          {"in_channels", network.at("conv_in.weight").size(1)},
          {"out_channels", network.at("conv_out.weight").size(0)},
          {"layers_per_block", layers},
          {"block_out_channels", channels},
          {"down_block_types", down},
          {"up_block_types", block_types(network, "up", "UpBlock2D", "AttnUpBlock2D")}};
}

}  // namespace

bool is_course_state_dict(const Weights& weights) {
  return weights.contains(kTable) && weights.contains(kNetwork + "conv_in.weight");
}

Pipeline import_course_state_dict(const Weights& weights, const std::filesystem::path& where) {
  const Weights network = weights.below(kNetwork);
  Pipeline pipeline;
  pipeline.path = where;
  pipeline.class_name = "ClassConditionedDDPMPipeline";
  pipeline.unet = std::make_shared<UNet2DModel>(unet_config(network, where.string()), network);
  pipeline.class_emb = weights.at(kTable).to(at::kFloat).clone();
  MEZZO_CHECK(pipeline.class_emb.dim() == 2 && pipeline.image_channels() > 0, where.string(), ": ",
              kTable, " is ", pipeline.class_emb.sizes(), ", the network takes ",
              counted(pipeline.unet->in_channels(), "channel"));
  pipeline.scheduler_config = {{"_class_name", "DDPMScheduler"},
                               {"num_train_timesteps", 1000},
                               {"beta_schedule", "squaredcos_cap_v2"}};
  pipeline.warnings.push_back(
      where.string() +
      ": a state_dict without a configuration; taking the course's picture size 28, "
      "8 channels a head, 32 groups and noise schedule squaredcos_cap_v2");
  return pipeline;
}

}  // namespace mezzotint
