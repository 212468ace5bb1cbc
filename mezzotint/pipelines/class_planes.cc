#include "mezzotint/pipelines/class_planes.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

Tensor checked_labels(const Tensor& labels_b, int64_t num_classes) {
  MEZZO_CHECK(labels_b.defined() && labels_b.dim() == 1,
              "labels: wanted a list of whole numbers, one for each image");
  const Tensor labels = labels_b.to(at::kLong);
  if (labels.numel() == 0) return labels;
  const int64_t low = labels.min().item<int64_t>(), high = labels.max().item<int64_t>();
  if (low < 0 || high >= num_classes)
    fail_usage("labels: got ", low < 0 ? low : high, ", wanted 0 to ", num_classes - 1);
  return labels;
}

Tensor with_class_planes(const Tensor& x_bchw, const Tensor& class_emb, const Tensor& labels_b) {
  MEZZO_CHECK(x_bchw.dim() == 4 && x_bchw.size(0) == labels_b.size(0), "class planes: got ",
              labels_b.size(0), " labels for a batch of ", x_bchw.sizes(),
              ", wanted one for each image");
  const Tensor rows_be = at::embedding(class_emb, labels_b);
  const Tensor planes = rows_be.unsqueeze(-1).unsqueeze(-1).expand(
      {x_bchw.size(0), class_emb.size(1), x_bchw.size(2), x_bchw.size(3)});
  return at::cat({x_bchw, planes}, 1);
}

}  // namespace mezzotint
