#include "mezzotint/models/embeddings.h"

#include <cmath>
#include <numbers>

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/silu.h>

namespace mezzotint {

Tensor positional_embedding(const Tensor& t_b, int64_t width, bool flip_sin_to_cos,
                            double freq_shift) {
  const int64_t half = width / 2;
  const Tensor index = at::arange(half, t_b.options().dtype(at::kFloat));
  const Tensor frequency =
      (index * -std::log(10000.0) / (static_cast<double>(half) - freq_shift)).exp();
  const Tensor angle = t_b.to(at::kFloat).unsqueeze(1) * frequency;
  const Tensor sine = angle.sin(), cosine = angle.cos();
  const Tensor both = flip_sin_to_cos ? at::cat({cosine, sine}, 1) : at::cat({sine, cosine}, 1);
  return width % 2 == 0 ? both : at::constant_pad_nd(both, {0, 1}, 0);
}

Embedding::Embedding(const Params& params, int64_t rows, int64_t width)
    : weight(params.get("weight", {rows, width}, Init::kNormal)) {}

Tensor Embedding::operator()(const Tensor& index_b, const char* what) const {
  MEZZO_CHECK(index_b.dim() == 1, what, ": got shape ", index_b.sizes(), ", wanted [batch]");
  const Tensor whole = index_b.to(weight.device(), at::kLong);
  MEZZO_CHECK(at::isIntegralType(index_b.scalar_type(), false) ||
                  whole.to(index_b.device(), index_b.scalar_type()).equal(index_b),
              what, ": got a fraction, wanted whole numbers");
  const int64_t least = whole.min().item<int64_t>(), most = whole.max().item<int64_t>();
  MEZZO_CHECK(least >= 0 && most < weight.size(0), what, ": got ", least < 0 ? least : most,
              ", wanted 0 to ", weight.size(0) - 1);
  return at::embedding(weight, whole);
}

TimeProjection::TimeProjection(const Params& params, const UNet2DConfig& config)
    : width_(config.block_out_channels.at(0)),
      flip_sin_to_cos_(config.flip_sin_to_cos),
      freq_shift_(config.freq_shift) {
  if (config.time_embedding_type == "fourier") {
    fourier_ = params.get("weight", {width_}, Init::kFourier);
    width_ *= 2;
  } else if (config.time_embedding_type == "learned") {
    learned_.emplace(params, *config.num_train_timesteps, width_);
  }
}

Tensor TimeProjection::operator()(const Tensor& t_b) const {
  if (learned_) return (*learned_)(t_b, "timestep");
  if (!fourier_.defined()) return positional_embedding(t_b, width_, flip_sin_to_cos_, freq_shift_);
  const Tensor t = t_b.to(at::kFloat);
  MEZZO_CHECK(t.min().item<float>() > 0, "timestep: got ", t.min().item<float>(),
              ", wanted a noise level above 0 (the model embeds its logarithm)");
  // Detached: the frequencies are drawn once and never trained.
  const Tensor angle = t.log().unsqueeze(1) * fourier_.detach() * 2 * std::numbers::pi;
  return at::cat({angle.sin(), angle.cos()}, 1);
}

TimestepEmbedding::TimestepEmbedding(const Params& params, int64_t in, int64_t out)
    : linear_1(params / "linear_1", in, out), linear_2(params / "linear_2", out, out) {}

Tensor TimestepEmbedding::operator()(const Tensor& x) const {
  return linear_2(at::silu(linear_1(x)));
}

}  // namespace mezzotint
