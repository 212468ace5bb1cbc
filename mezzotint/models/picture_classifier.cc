#include "mezzotint/models/picture_classifier.h"

#include <utility>

#include <ATen/ops/avg_pool2d.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/models/layers.h"

namespace mezzotint {
namespace {

struct Block {
  Block(const Params& params, int64_t in, int64_t out, const PictureClassifierConfig& config)
      : norm1(params / "norm1", in, config.norm_num_groups, kEps),
        conv1(params / "conv1", in, out, 3, 1, 1),
        norm2(params / "norm2", out, config.norm_num_groups, kEps),
        conv2(params / "conv2", out, out, 3, 1, 1) {}

  Tensor operator()(const Tensor& x, Activation act) const {
    const Tensor h = conv1(norm1.then(act, x));
    return at::avg_pool2d(h + conv2(norm2.then(act, h)), {2, 2});
  }

  static constexpr double kEps = 1e-5;
  GroupNorm norm1;
  Conv2d conv1;
  GroupNorm norm2;
  Conv2d conv2;
};

}  // namespace

void PictureClassifierConfig::validate() const {
  MEZZO_CHECK(in_channels > 0, "classifier: in_channels is ", in_channels, ", wanted 1 or more");
  MEZZO_CHECK(num_classes > 1, "classifier: num_classes is ", num_classes, ", wanted 2 or more");
  MEZZO_CHECK(class_names.empty() || class_names.size() == static_cast<size_t>(num_classes),
              "classifier: has ", counted(class_names.size(), "class name"), " for ", num_classes,
              " classes");
  MEZZO_CHECK(!block_out_channels.empty() && block_out_channels.size() <= 8, "classifier: has ",
              counted(block_out_channels.size(), "block"), ", wanted 1 to 8");
  for (const int64_t channels : block_out_channels)
    MEZZO_CHECK(channels > 0 && norm_num_groups > 0 && channels % norm_num_groups == 0,
                "classifier: ", channels, " channels can't be divided into ", norm_num_groups,
                " groups");
}

struct PictureClassifier::Network {
  Network(const PictureClassifierConfig& given, const Params& params)
      : config((given.validate(), given)),
        act(activation("silu")),
        conv_in(params / "conv_in", config.in_channels, config.block_out_channels[0], 3, 1, 1) {
    int64_t channels = config.block_out_channels[0];
    for (size_t i = 0; i < config.block_out_channels.size(); ++i) {
      const int64_t out = config.block_out_channels[i];
      blocks.emplace_back(params / "blocks" / i, channels, out, config);
      channels = out;
    }
    norm_out.emplace(params / "norm_out", channels, config.norm_num_groups, Block::kEps);
    head.emplace(params / "head", channels, config.num_classes);
    params.finish("PictureClassifier");
    parameters = params.taken();
  }

  PictureClassifierConfig config;
  Activation act;
  Conv2d conv_in;
  std::vector<Block> blocks;
  std::optional<GroupNorm> norm_out;
  std::optional<Linear> head;
  Weights parameters;
};

PictureClassifier::PictureClassifier(const PictureClassifierConfig& config,
                                     const Weights& checkpoint)
    : network_(std::make_shared<Network>(config, Params::from_checkpoint(checkpoint))) {}

PictureClassifier::PictureClassifier(const PictureClassifierConfig& config, RandomStream stream)
    : network_(std::make_shared<Network>(config, Params::initialised(std::move(stream)))) {}

Tensor PictureClassifier::logits(const Tensor& x_bchw) const {
  const int64_t multiple = size_multiple();
  MEZZO_CHECK(x_bchw.dim() == 4 && x_bchw.size(1) == config().in_channels && x_bchw.size(2) > 0 &&
                  x_bchw.size(2) % multiple == 0 && x_bchw.size(3) > 0 &&
                  x_bchw.size(3) % multiple == 0,
              "classifier: got pictures of shape ", x_bchw.sizes(), ", wanted [batch, ",
              config().in_channels, ", height, width], both multiples of ", multiple);
  Tensor h = network_->conv_in(x_bchw.contiguous(at::MemoryFormat::ChannelsLast));
  for (const Block& block : network_->blocks) h = block(h, network_->act);
  return (*network_->head)(network_->norm_out->then(network_->act, h).mean({2, 3}));
}

const PictureClassifierConfig& PictureClassifier::config() const { return network_->config; }

const Weights& PictureClassifier::parameters() const { return network_->parameters; }

int64_t PictureClassifier::size_multiple() const {
  return int64_t{1} << network_->config.block_out_channels.size();
}

}  // namespace mezzotint
