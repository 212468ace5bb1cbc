#include "mezzotint/ops/linear.h"

#include "mezzotint/ops/row_product.h"

namespace mezzotint::ops {

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& addend) {
  const auto rows_of = [](const Tensor& t) {
    return !t.defined() || t.dim() == 2 ? t : t.reshape({-1, t.size(-1)});
  };
  const Tensor y = row_product({{rows_of(x)}, weight, bias, rows_of(addend)});
  if (x.dim() == 2) return y;
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() = weight.size(0);
  return y.view(sizes);
}

}  // namespace mezzotint::ops
