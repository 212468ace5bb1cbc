#include "mezzotint/models/class_conditioned.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

void check_labels(const Tensor& class_emb, const Tensor& labels_b) {
  MEZZO_CHECK(class_emb.dim() == 2, "class_emb: got shape ", class_emb.sizes(),
              ", wanted [classes, channels]");
  MEZZO_CHECK(labels_b.defined() && labels_b.dim() == 1 && labels_b.numel() > 0 &&
                  at::isIntegralType(labels_b.scalar_type(), /*includeBool=*/false),
              "labels: wanted one whole number for each image");
  const int64_t least = labels_b.min().item<int64_t>(), most = labels_b.max().item<int64_t>();
  MEZZO_CHECK(least >= 0 && most < class_emb.size(0), "labels: got ", least < 0 ? least : most,
              ", wanted 0 to ", class_emb.size(0) - 1);
}

}  // namespace

Predict class_conditioned(Predict predict, const Tensor& class_emb, const Tensor& labels_b) {
  check_labels(class_emb, labels_b);
  const Tensor rows = labels_b.to(class_emb.device(), at::kLong);
  return [predict = std::move(predict), class_emb, rows](const Tensor& x_bchw, const Tensor& t_b) {
    MEZZO_CHECK(x_bchw.dim() == 4 && x_bchw.size(0) == rows.size(0), "class conditioning: got ",
                counted(rows.size(0), "label"), " for a batch of shape ", x_bchw.sizes());
    const Tensor row_bk11 = at::embedding(class_emb, rows).unsqueeze(-1).unsqueeze(-1);
    const Tensor planes = row_bk11.expand({-1, -1, x_bchw.size(2), x_bchw.size(3)});
    return predict(at::cat({x_bchw, planes}, 1), t_b);
  };
}

}  // namespace mezzotint
