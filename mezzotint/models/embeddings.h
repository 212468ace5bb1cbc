#pragma once

#include <optional>

#include "mezzotint/models/layers.h"
#include "mezzotint/models/unet_2d_config.h"

namespace mezzotint {

/// Sinusoids of the timestep: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
///   angle_i = t exp(-ln(10000) i / (half - freq_shift)), half = width / 2
/// t_b [B] -> [B, width]: sines then cosines, or the reverse when `flip_sin_to_cos`; an odd width
/// ends in a zero.
Tensor positional_embedding(const Tensor& t_b, int64_t width, bool flip_sin_to_cos,
                            double freq_shift);

/// A row of a table for each index. Key: weight [rows, width].
struct Embedding {
  Embedding(const Params& params, int64_t rows, int64_t width);
  /// index_b [B], whole numbers of any type -> [B, width]. @throws Error naming `what` when one
  /// isn't in the table.
  Tensor operator()(const Tensor& index_b, const char* what) const;
  Tensor weight;
};

/// From a timestep to the input of its embedding: positional, Gaussian Fourier features of log t
/// (Tancik et al. 2020, arXiv:2006.10739; the key `weight` isn't trained) or a learned table (key
/// `weight`).
class TimeProjection {
 public:
  TimeProjection(const Params& params, const UNet2DConfig& config);
  /// t_b [B] -> [B, width()]. @throws Error for t outside a learned table, or t <= 0 with Fourier
  /// features.
  Tensor operator()(const Tensor& t_b) const;
  int64_t width() const { return width_; }

 private:
  int64_t width_;
  bool flip_sin_to_cos_;
  double freq_shift_;
  Tensor fourier_;
  std::optional<Embedding> learned_;
};

/// Two linear layers with SiLU between: [B, in] -> [B, out]. Keys: linear_1, linear_2.
struct TimestepEmbedding {
  TimestepEmbedding(const Params& params, int64_t in, int64_t out);
  Tensor operator()(const Tensor& x) const;
  Linear linear_1, linear_2;
};

}  // namespace mezzotint
