#include "mezzotint/models/class_embedding.h"

namespace mezzotint {

ClassEmbedding::ClassEmbedding(const Params& params, const UNet2DConfig& config,
                               int64_t projected_width)
    : width_(config.temb_channels()), identity_(config.class_embed_type == "identity") {
  if (config.class_embed_type == "timestep")
    timestep_.emplace(params, projected_width, width_);
  else if (!config.class_embed_type && config.num_class_embeds)
    table_.emplace(params, *config.num_class_embeds, width_);
}

void ClassEmbedding::check(const Tensor& labels, int64_t batch) const {
  const bool takes_labels = identity_ || table_ || timestep_;
  MEZZO_CHECK(takes_labels || !labels.defined(),
              "labels were given, but this model takes none: its configuration has neither "
              "num_class_embeds nor class_embed_type");
  if (!takes_labels) return;
  MEZZO_CHECK(labels.defined(), "this model needs a label for each image, got none");
  if (identity_)
    MEZZO_CHECK(labels.dim() == 2 && labels.size(0) == batch && labels.size(1) == width_,
                "labels: got shape ", labels.sizes(), ", wanted [", batch, ", ", width_,
                "] (class_embed_type identity takes the embedding itself)");
  else
    MEZZO_CHECK(labels.dim() == 1 && labels.size(0) == batch, "labels: got shape ", labels.sizes(),
                ", wanted [", batch, "], one for each image");
}

Tensor ClassEmbedding::operator()(const Tensor& labels, int64_t batch,
                                  const TimeProjection& project) const {
  check(labels, batch);
  if (table_) return (*table_)(labels, "label");
  if (timestep_) return (*timestep_)(project(labels));
  return identity_ ? labels.to(at::kFloat) : Tensor();
}

}  // namespace mezzotint
