#include "mezzotint/models/unet_2d.h"

#include <algorithm>
#include <utility>

#include "mezzotint/base/counted.h"
#include "mezzotint/models/class_embedding.h"
#include "mezzotint/models/embeddings.h"
#include "mezzotint/models/legacy_keys.h"
#include "mezzotint/models/mid_block.h"
#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/models/unet_blocks.h"
#include "mezzotint/models/watch_layers.h"
#include "mezzotint/ops/moments.h"

namespace mezzotint {
namespace {

/// What stands to the left and right of the middle block.
struct Sides {
  std::vector<std::unique_ptr<DownBlock>> down;
  std::vector<std::unique_ptr<UpBlock>> up;
};

BlockShape down_shape(const UNet2DConfig& config, size_t i) {
  const auto& channels = config.block_out_channels;
  return {.in = channels[i == 0 ? 0 : i - 1],
          .out = channels[i],
          .layers = config.layers_per_block,
          .resamples = i + 1 < channels.size()};
}

/// Up block i meets what down block n - 1 - i left, and the last residual comes from the down block
/// before that.
BlockShape up_shape(const UNet2DConfig& config, size_t i) {
  const auto& channels = config.block_out_channels;
  const size_t mirrored = channels.size() - 1 - i;
  return {.in = channels[mirrored == 0 ? 0 : mirrored - 1],
          .out = channels[mirrored],
          .previous = channels[i == 0 ? mirrored : mirrored + 1],
          .layers = config.layers_per_block + 1,
          .resamples = mirrored > 0};
}

}  // namespace

struct UNet2DModel::Network : std::enable_shared_from_this<Network> {
  Network(const nlohmann::json& json, const Params& params, LoraAdapter changes = {})
      : adapter(std::move(changes)),
        read(read_unet_2d_config(json)),
        conv_in(params / "conv_in", config().in_channels, config().block_out_channels[0], 3, 1, 1),
        time_proj(params / "time_proj", config()),
        time_embedding(params / "time_embedding", time_proj.width(), config().temb_channels()),
        class_embedding(params / "class_embedding", config(), time_proj.width()),
        act(activation(config().act_fn)) {
    make_blocks(params);
    const int64_t channels = config().block_out_channels[0];
    conv_norm_out.emplace(params / "conv_norm_out", channels, config().groups_for(channels),
                          config().norm_eps);
    conv_out.emplace(params / "conv_out", channels, config().out_channels, 3, 1, 1);
    params.finish("UNet2DModel");
    parameters = params.taken();
    check_fits(adapter, parameters, "adapter");
  }

  const UNet2DConfig& config() const { return read.config; }

  void make_blocks(const Params& params) {
    // Scopes in the order of a state_dict: the middle block was registered last.
    const Params down = params / "down_blocks", up = params / "up_blocks";
    for (size_t i = 0; i < config().down_block_types.size(); ++i)
      sides.down.push_back(make_down_block(config().down_block_types[i], down / i, config(),
                                           down_shape(config(), i)));
    if (config().mid_block_type) mid_block.emplace(params / "mid_block", config());
    for (size_t i = 0; i < config().up_block_types.size(); ++i)
      sides.up.push_back(
          make_up_block(config().up_block_types[i], up / i, config(), up_shape(config(), i)));
  }

  void check_input(const Tensor& x_bchw, const Tensor& t_b) const {
    MEZZO_CHECK(x_bchw.dim() == 4 && x_bchw.size(0) > 0 && x_bchw.size(1) == config().in_channels,
                "UNet2DModel: got an input of shape ", x_bchw.sizes(), ", wanted [batch, ",
                config().in_channels, ", height, width]");
    const int64_t multiple = config().size_multiple();
    const auto up = [&](int64_t side) {
      return std::max((side + multiple - 1) / multiple, int64_t{1}) * multiple;
    };
    MEZZO_CHECK(up(x_bchw.size(2)) == x_bchw.size(2) && up(x_bchw.size(3)) == x_bchw.size(3),
                "UNet2DModel: got ", x_bchw.size(2), " x ", x_bchw.size(3),
                " pixels, wanted height and width that are multiples of ", multiple, " (",
                counted(config().down_block_types.size() - 1, "halving"), "), such as ",
                up(x_bchw.size(2)), " x ", up(x_bchw.size(3)));
    MEZZO_CHECK(t_b.dim() <= 1 && (t_b.numel() == 1 || t_b.numel() == x_bchw.size(0)),
                "UNet2DModel: got timesteps of shape ", t_b.sizes(), ", wanted [1] or [",
                x_bchw.size(0), "]");
  }

  ForwardContext context(const Tensor& t_b, const Tensor& labels) const {
    Tensor temb_be = time_embedding(time_proj(t_b));
    const Tensor label_be = class_embedding(labels, t_b.size(0), time_proj);
    if (label_be.defined()) temb_be = temb_be + label_be;
    ForwardContext context{act(temb_be), training ? std::optional(dropout_stream) : std::nullopt};
    context.checkpointing = checkpointing;
    if (checkpointing) context.network = shared_from_this();
    return context;
  }

  /// Everything between the input, in channels_last memory, and the division by the noise level.
  Tensor features(const Tensor& x_bchw, const ForwardContext& context) const {
    const ops::MomentsGuard notes;
    SideFlow side{{}, x_bchw};
    Tensor h = conv_in(x_bchw);
    watch_layer("conv_in", h);
    side.residuals.push_back(h);
    for (const auto& block : sides.down) h = block->forward(std::move(h), context, side);
    if (mid_block) h = (*mid_block)(h, context);
    side.picture_bchw.reset();
    for (const auto& block : sides.up) h = block->forward(std::move(h), context, side);
    ops::Conv3x3 out = conv_out->on({h});
    out.norm = conv_norm_out->with_silu();
    h = ops::conv3x3(out);
    watch_layer("conv_out", h);
    return side.picture_bchw.defined() ? h + side.picture_bchw : h;
  }

  Tensor forward(const Tensor& x_bchw, const Tensor& t, const Tensor& labels) const {
    check_input(x_bchw, t);
    const Tensor t_b = t.to(x_bchw.device()).expand({x_bchw.size(0)});
    Tensor x = x_bchw.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
    if (config().center_input_sample) x = 2 * x - 1;
    Tensor y = features(x, context(t_b, labels));
    if (config().time_embedding_type == "fourier") y = y / t_b.to(at::kFloat).view({-1, 1, 1, 1});
    return y.contiguous(x_bchw.suggest_memory_format());
  }

  LoraAdapter adapter;
  ReadUNet2DConfig read;
  Conv2d conv_in;
  TimeProjection time_proj;
  TimestepEmbedding time_embedding;
  ClassEmbedding class_embedding;
  Activation act;
  Sides sides;
  std::optional<MidBlock> mid_block;
  std::optional<GroupNorm> conv_norm_out;
  std::optional<Conv2d> conv_out;
  Weights parameters;
  bool training = false;
  bool checkpointing = false;
  RandomStream dropout_stream{0};
};

UNet2DModel::UNet2DModel(const nlohmann::json& config, const Weights& checkpoint,
                         const LoraAdapter& adapter)
    : network_(std::make_shared<Network>(
          config, Params::from_checkpoint(rename_legacy_weights(checkpoint), adapter), adapter)) {}

UNet2DModel::UNet2DModel(const nlohmann::json& config, RandomStream stream)
    : network_(std::make_shared<Network>(config, Params::initialised(std::move(stream)))) {}

UNet2DModel::~UNet2DModel() = default;
UNet2DModel::UNet2DModel(UNet2DModel&&) noexcept = default;
UNet2DModel& UNet2DModel::operator=(UNet2DModel&&) noexcept = default;

Weights UNet2DModel::parameter_shapes(const nlohmann::json& config) {
  return Network(config, Params::shapes_only()).parameters;
}

Tensor UNet2DModel::forward(const Tensor& x_bchw, const Tensor& t_b, const Tensor& labels_b) const {
  return network_->forward(x_bchw, t_b, labels_b);
}

Predict UNet2DModel::predict(const Tensor& labels_b) const {
  return [network = std::shared_ptr<const Network>(network_), labels_b](const Tensor& x_bchw,
                                                                        const Tensor& t_b) {
    return network->forward(x_bchw, t_b, labels_b);
  };
}

const Weights& UNet2DModel::parameters() const { return network_->parameters; }

const LoraAdapter& UNet2DModel::adapter() const { return network_->adapter; }

const nlohmann::json& UNet2DModel::config() const { return network_->read.saved; }

const std::vector<std::string>& UNet2DModel::unknown_keys() const {
  return network_->read.unknown_keys;
}

int64_t UNet2DModel::in_channels() const { return network_->config().in_channels; }

int64_t UNet2DModel::out_channels() const { return network_->config().out_channels; }

std::pair<int64_t, int64_t> UNet2DModel::sample_size() const {
  return network_->config().height_width();
}

int64_t UNet2DModel::size_multiple() const { return network_->config().size_multiple(); }

void UNet2DModel::set_training(bool training, std::optional<RandomStream> stream) {
  network_->training = training;
  if (stream) network_->dropout_stream = *stream;
}

void UNet2DModel::set_gradient_checkpointing(bool on) { network_->checkpointing = on; }

}  // namespace mezzotint
