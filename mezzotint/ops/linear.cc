#include "mezzotint/ops/linear.h"

#include "mezzotint/ops/row_product.h"

namespace mezzotint::ops {
namespace {

Tensor rows_of(const Tensor& x) {
  return !x.defined() || x.dim() == 2 ? x : x.reshape({-1, x.size(-1)});
}

/// Rows y [rows, out] with the leading dimensions of x.
Tensor shaped_as(const Tensor& x, const Tensor& y) {
  if (x.dim() == 2) return y;
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() = y.size(1);
  return y.view(sizes);
}

/// scale B A x, added to `addend` where it is defined.
Tensor with_change(const Tensor& x, const LowRank& change, const Tensor& addend) {
  return linear(linear(x, change.a, {}), change.scaled_b(), {}, addend);
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& addend,
              const LowRank& change) {
  const Tensor sum = change.defined() ? with_change(x, change, addend) : addend;
  return shaped_as(x, row_product({{rows_of(x)}, weight, bias, rows_of(sum)}));
}

std::vector<Tensor> linears(const Tensor& x, const std::vector<Tensor>& weights,
                            const std::vector<Tensor>& biases,
                            const std::vector<LowRank>& changes) {
  std::vector<Tensor> ys = row_products(rows_of(x), weights, biases);
  for (Tensor& y : ys) y = shaped_as(x, y);
  for (size_t i = 0; i < changes.size(); ++i)
    if (changes[i].defined()) ys[i] = with_change(x, changes[i], ys[i]);
  return ys;
}

}  // namespace mezzotint::ops
