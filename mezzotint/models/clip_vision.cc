#include "mezzotint/models/clip_vision.h"

#include <cmath>

#include <ATen/ops/cat.h>

#include "mezzotint/ops/linear.h"

namespace mezzotint {

CLIPVision::CLIPVision(const Params& params, const CLIPVisionConfig& c)
    : config_(c),
      class_embedding_(
          (params / "embeddings")
              .get("class_embedding", {c.hidden_size}, Init::kScaledNormal,
                   c.initializer_factor / std::sqrt(static_cast<double>(c.hidden_size)))),
      patch_weight_((params / "embeddings" / "patch_embedding")
                        .get("weight", {c.hidden_size, c.num_channels, c.patch_size, c.patch_size},
                             Init::kScaledNormal, c.initializer_range * c.initializer_factor)),
      position_weight_((params / "embeddings" / "position_embedding")
                           .get("weight", {c.grid_size() * c.grid_size() + 1, c.hidden_size},
                                Init::kScaledNormal, c.initializer_range * c.initializer_factor)),
      pre_layrnorm_(params / "pre_layrnorm", c.hidden_size, c.layer_norm_eps),
      encoder_(params / "encoder", c),
      post_layernorm_(params / "post_layernorm", c.hidden_size, c.layer_norm_eps) {}

/// A convolution whose stride is its kernel: every patch is a row of a matrix. -> [B, patches, C].
Tensor CLIPVision::patches(const Tensor& x_bchw) const {
  const int64_t grid = config_.grid_size(), p = config_.patch_size, side = grid * p;
  const Tensor rows_bnk = x_bchw.narrow(2, 0, side)
                              .narrow(3, 0, side)
                              .reshape({x_bchw.size(0), config_.num_channels, grid, p, grid, p})
                              .permute({0, 2, 4, 1, 3, 5})
                              .reshape({x_bchw.size(0), grid * grid, -1});
  return ops::linear(rows_bnk, patch_weight_.flatten(1), {});
}

Tensor CLIPVision::operator()(const Tensor& x_bchw) const {
  const int64_t channels = config_.num_channels, side = config_.image_size;
  MEZZO_CHECK(x_bchw.dim() == 4 && x_bchw.size(0) > 0 && x_bchw.size(1) == channels &&
                  x_bchw.size(2) == side && x_bchw.size(3) == side,
              "CLIPModel: got pictures of shape ", x_bchw.sizes(), ", wanted [batch, ", channels,
              ", ", side, ", ", side, "]; resize and crop them first");
  const Tensor class_b1c = class_embedding_.expand({x_bchw.size(0), 1, config_.hidden_size});
  const Tensor tokens_bnc = at::cat({class_b1c, patches(x_bchw.to(at::kFloat))}, 1);
  const Tensor h_bnc = pre_layrnorm_(tokens_bnc + position_weight_);
  return post_layernorm_(encoder_.first_token(h_bnc)).squeeze(1);
}

}  // namespace mezzotint
