#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mezzotint/base/registry.h"
#include "mezzotint/models/residual_layer.h"

namespace mezzotint {

/// Where a block stands in the network.
struct BlockShape {
  int64_t in = 0;   ///< channels that come in; for an up block: of the last residual that it takes
  int64_t out = 0;  ///< channels that go out
  int64_t previous = 0;    ///< up blocks: channels that come from the block before
  int64_t layers = 0;      ///< residual blocks
  bool resamples = false;  ///< every block but the last halves (doubles)
};

/// What flows from block to block beside the features.
struct SideFlow {
  std::vector<Tensor> residuals;  ///< pushed on the way down, popped on the way up
  Tensor picture_bchw;  ///< Skip blocks: the picture at the present size; undefined: none yet
};

class DownBlock {
 public:
  virtual ~DownBlock() = default;
  /// [B, in, H, W] -> [B, out, H/2, W/2] (or H, W where it doesn't resample); pushes layers (+ 1)
  /// residuals.
  virtual Tensor forward(Tensor x_bchw, const ForwardContext& context, SideFlow& side) const = 0;
};

class UpBlock {
 public:
  virtual ~UpBlock() = default;
  /// [B, previous, H, W] -> [B, out, 2H, 2W] (or H, W where it doesn't resample); pops `layers`
  /// residuals.
  virtual Tensor forward(Tensor x_bchw, const ForwardContext& context, SideFlow& side) const = 0;
};

using DownBlockFactory = std::function<std::unique_ptr<DownBlock>(
    const Params&, const UNet2DConfig&, const BlockShape&)>;
using UpBlockFactory =
    std::function<std::unique_ptr<UpBlock>(const Params&, const UNet2DConfig&, const BlockShape&)>;

/// The block of this class name; "UNetRes" before it, as the first releases wrote, is dropped. A
/// new block registers itself with Registered<DownBlockFactory> or Registered<UpBlockFactory>.
/// @throws Error naming the block and the known ones.
std::unique_ptr<DownBlock> make_down_block(const std::string& type, const Params& params,
                                           const UNet2DConfig& config, const BlockShape& shape);
std::unique_ptr<UpBlock> make_up_block(const std::string& type, const Params& params,
                                       const UNet2DConfig& config, const BlockShape& shape);

/// What halves or doubles the picture at the end of a block.
enum class Sampler { kConv, kResnet };

/// The sampler that downsample_type or upsample_type names: "conv" or "resnet".
Sampler sampler_of(const std::string& type);

/// Attention as the blocks of a configuration use it.
AttentionSpec attention_spec(const UNet2DConfig& config, int64_t channels);

/// Channels that enter residual block `layer` of an up block: those from below and those of the
/// residual.
int64_t joined_channels(const BlockShape& shape, int64_t layer);
/// x and the last residual, one after another along the channels; the residual is popped.
std::vector<Tensor> with_residual(Tensor x_bchw, SideFlow& side);

}  // namespace mezzotint
