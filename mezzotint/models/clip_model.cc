#include "mezzotint/models/clip_model.h"

#include <cmath>
#include <utility>

#include "mezzotint/models/clip_keys.h"
#include "mezzotint/models/clip_text.h"
#include "mezzotint/models/clip_vision.h"
#include "mezzotint/ops/linear.h"

namespace mezzotint {
namespace {

/// A projection without a bias. Key: weight [out, in].
Tensor projection(const Params& params, int64_t in, const CLIPConfig& config) {
  return params.get("weight", {config.projection_dim, in}, Init::kScaledNormal,
                    config.initializer_factor / std::sqrt(static_cast<double>(in)));
}

}  // namespace

struct CLIPModel::Network {
  Network(const nlohmann::json& json, const Params& params)
      : read(read_clip_config(json)),
        logit_scale(
            params.get("logit_scale", {}, Init::kConstant, config().logit_scale_init_value)),
        text_model(params / "text_model", config().text_config),
        vision_model(params / "vision_model", config().vision_config),
        visual_projection(
            projection(params / "visual_projection", config().vision_config.hidden_size, config())),
        text_projection(
            projection(params / "text_projection", config().text_config.hidden_size, config())) {
    params.finish("CLIPModel");
    parameters = params.taken();
  }

  const CLIPConfig& config() const { return read.config; }

  ReadCLIPConfig read;
  Tensor logit_scale;
  CLIPText text_model;
  CLIPVision vision_model;
  Tensor visual_projection, text_projection;
  Weights parameters;
};

CLIPModel::CLIPModel(const nlohmann::json& config, const Weights& checkpoint)
    : network_(std::make_shared<Network>(
          config, Params::from_checkpoint(rename_clip_weights(checkpoint)))) {}

CLIPModel::CLIPModel(const nlohmann::json& config, RandomStream stream)
    : network_(std::make_shared<Network>(config, Params::initialised(std::move(stream)))) {}

CLIPModel::~CLIPModel() = default;
CLIPModel::CLIPModel(CLIPModel&&) noexcept = default;
CLIPModel& CLIPModel::operator=(CLIPModel&&) noexcept = default;

Weights CLIPModel::parameter_shapes(const nlohmann::json& config) {
  return Network(config, Params::shapes_only()).parameters;
}

Tensor CLIPModel::image_embeds(const Tensor& pixels_bchw) const {
  return ops::linear(network_->vision_model(pixels_bchw), network_->visual_projection, {});
}

Tensor CLIPModel::text_embeds(const Tensor& ids_bn) const {
  return ops::linear(network_->text_model(ids_bn), network_->text_projection, {});
}

const Tensor& CLIPModel::logit_scale() const { return network_->logit_scale; }

const Weights& CLIPModel::parameters() const { return network_->parameters; }

const nlohmann::json& CLIPModel::config() const { return network_->read.saved; }

const std::vector<std::string>& CLIPModel::unknown_keys() const {
  return network_->read.unknown_keys;
}

int64_t CLIPModel::projection_dim() const { return network_->config().projection_dim; }

int64_t CLIPModel::image_channels() const { return network_->config().vision_config.num_channels; }

int64_t CLIPModel::image_size() const { return network_->config().vision_config.image_size; }

int64_t CLIPModel::context_length() const {
  return network_->config().text_config.max_position_embeddings;
}

int64_t CLIPModel::vocab_size() const { return network_->config().text_config.vocab_size; }

}  // namespace mezzotint
