#include "mezzotint/guidance/channels.h"

#include "mezzotint/base/error.h"

namespace mezzotint {

void check_rgb(const LossResources& resources, const char* loss) {
  MEZZO_CHECK(resources.channels == 3, "loss ", loss,
              ": needs pictures of 3 channels, the model's have ", resources.channels);
}

Tensor masked_mean(const Tensor& x_bchw, const Tensor& mask_11hw) {
  if (!mask_11hw.defined()) return x_bchw.mean({1, 2, 3});
  const Tensor area = mask_11hw.sum().clamp_min(1e-6);
  return (x_bchw * mask_11hw).sum({1, 2, 3}) / (area * x_bchw.size(1));
}

Tensor luma(const Tensor& x_bchw) {
  const Tensor unit = x_bchw / 2 + 0.5;
  if (unit.size(1) == 1) return unit;
  return 0.299 * unit.narrow(1, 0, 1) + 0.587 * unit.narrow(1, 1, 1) + 0.114 * unit.narrow(1, 2, 1);
}

}  // namespace mezzotint
