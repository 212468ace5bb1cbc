#include "mezzotint/models/unet_blocks.h"

#include <utility>

#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

std::string todays_name(const std::string& type) {
  return type.starts_with("UNetRes") ? type.substr(7) : type;
}

/// A block type comes out of a file, so an unknown one is no mistake of the command line's.
template <class Factory>
const Factory& factory_of(const char* what, const std::string& type) {
  try {
    return Registry<Factory>::at(what, todays_name(type));
  } catch (const Error& error) {
    throw Error(error.what(), ErrorKind::kFailed);
  }
}

}  // namespace

std::unique_ptr<DownBlock> make_down_block(const std::string& type, const Params& params,
                                           const UNet2DConfig& config, const BlockShape& shape) {
  return factory_of<DownBlockFactory>("down block", type)(params, config, shape);
}

std::unique_ptr<UpBlock> make_up_block(const std::string& type, const Params& params,
                                       const UNet2DConfig& config, const BlockShape& shape) {
  return factory_of<UpBlockFactory>("up block", type)(params, config, shape);
}

Sampler sampler_of(const std::string& type) {
  return type == "conv" ? Sampler::kConv : Sampler::kResnet;
}

AttentionSpec attention_spec(const UNet2DConfig& config, int64_t channels) {
  return {.channels = channels,
          .head_dim = config.attention_head_dim.value_or(channels),
          .groups = config.norm_num_groups,
          .eps = config.norm_eps};
}

int64_t joined_channels(const BlockShape& shape, int64_t layer) {
  const int64_t residual = layer == shape.layers - 1 ? shape.in : shape.out;
  const int64_t from_below = layer == 0 ? shape.previous : shape.out;
  return from_below + residual;
}

std::vector<Tensor> with_residual(Tensor x_bchw, SideFlow& side) {
  std::vector<Tensor> parts;
  parts.push_back(std::move(x_bchw));
  parts.push_back(std::move(side.residuals.back()));
  side.residuals.pop_back();
  return parts;
}

}  // namespace mezzotint
