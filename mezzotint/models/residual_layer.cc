#include "mezzotint/models/residual_layer.h"

#include <utility>

#include "mezzotint/models/gradient_checkpointing.h"
#include "mezzotint/models/watch_layers.h"

namespace mezzotint {

ResidualLayer::ResidualLayer(const Params& params, const UNet2DConfig& config,
                             const ResnetSpec& spec)
    : name_(params.scope()), resnet_(params, config, spec), parameters_(params.taken_here()) {}

ResidualLayer::ResidualLayer(const Params& params, const UNet2DConfig& config,
                             const ResnetSpec& spec, const Params& attention_params,
                             const AttentionSpec& attention)
    : ResidualLayer(params, config, spec) {
  attention_.emplace(attention_params, attention);
  const std::vector<Tensor> more = attention_params.taken_here();
  parameters_.insert(parameters_.end(), more.begin(), more.end());
}

Tensor ResidualLayer::operator()(std::vector<Tensor> parts, const ForwardContext& context) const {
  // The context, which the graph keeps, keeps the network and so this object.
  const Segment run = [this](std::vector<Tensor> inputs, const ForwardContext& now) {
    const Tensor h = resnet_(std::move(inputs), now);
    return attention_ ? (*attention_)(h) : h;
  };
  Tensor y = checkpointed(run, parameters_, std::move(parts), context);
  watch_layer(name_, y);
  return y;
}

}  // namespace mezzotint
