#pragma once

#include <optional>

#include "mezzotint/models/embeddings.h"

namespace mezzotint {

/// The label's part of the time embedding, by class_embed_type and num_class_embeds: a table (key
/// `weight`), a TimestepEmbedding of the projected label (keys `linear_1`, `linear_2`), the label
/// itself, or none.
class ClassEmbedding {
 public:
  ClassEmbedding(const Params& params, const UNet2DConfig& config, int64_t projected_width);
  /// labels: undefined where the model takes none; else [batch], or [batch, temb_channels] for
  /// "identity".
  /// @returns what is added to the time embedding, [batch, temb_channels]; undefined for a model
  /// without labels.
  /// @throws Error when labels are missing, given to a model that takes none, or misshapen: never
  /// ignored.
  Tensor operator()(const Tensor& labels, int64_t batch, const TimeProjection& project) const;

 private:
  void check(const Tensor& labels, int64_t batch) const;
  int64_t width_;
  bool identity_;
  std::optional<Embedding> table_;
  std::optional<TimestepEmbedding> timestep_;
};

}  // namespace mezzotint
