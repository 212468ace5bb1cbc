#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mezzotint/models/attention.h"
#include "mezzotint/models/resnet.h"

namespace mezzotint {

/// A residual block, and attention behind it where there is some: what the UNet's blocks repeat,
/// and the unit of gradient checkpointing.
class ResidualLayer {
 public:
  ResidualLayer(const Params& params, const UNet2DConfig& config, const ResnetSpec& spec);
  /// Adds the attention.
  ResidualLayer(const Params& params, const UNet2DConfig& config, const ResnetSpec& spec,
                const Params& attention_params, const AttentionSpec& attention);

  /// As ResnetBlock2D.
  Tensor operator()(std::vector<Tensor> parts, const ForwardContext& context) const;

 private:
  std::string name_;
  ResnetBlock2D resnet_;
  std::optional<Attention> attention_;
  std::vector<Tensor> parameters_;
};

}  // namespace mezzotint
