#include "mezzotint/ops/row_product.h"

#include <algorithm>
#include <optional>

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/matmul.h"
#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/shared_sums.h"
#include "mezzotint/ops/streamed.h"

namespace mezzotint::ops {
namespace {

using kernels::MatmulInput;
using kernels::MatmulOrder;
using kernels::MatmulShape;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// With fewer rows, packing the weight costs more than it gains.
constexpr int64_t kFewestRows = 32;

/// Rows that a thread takes at a time: a multiple of every register block's.
constexpr int64_t kRowGrain = 12;

/// Rows whose products with several weights are made before the next ones.
constexpr int64_t kRowBlock = 96;

size_t size(int64_t value) { return static_cast<size_t>(value); }

Tensor floats(size_t count, const Tensor& like) {
  return at::empty({static_cast<int64_t>(count)}, like.options().requires_grad(false));
}

/// B of a product, in panels: the columns of `weight` from `column` on, or its rows.
Tensor pack(const MatmulShape& shape, MatmulOrder order, const Tensor& weight, int64_t column) {
  Tensor panels = floats(kernels::matmul_packed_size(shape), weight);
  const float* from = weight.const_data_ptr<float>() + column;
  at::parallel_for(0, static_cast<int64_t>(kernels::matmul_panels(shape)), 4,
                   [&](int64_t begin, int64_t end) {
                     kernels::matmul_pack(shape, order, from, size(weight.size(1)), size(begin),
                                          size(end), panels.data_ptr<float>());
                   });
  return panels;
}

/// One product of several that are made row by row: x B + bias + addend, or + y itself.
struct Work {
  MatmulShape shape;
  MatmulInput x;
  Tensor panels;
  kernels::MatmulOutput y;
};

MatmulInput input_of(at::TensorList parts) {
  MatmulInput x;
  for (size_t i = 0; i < parts.size(); ++i) {
    x.parts[i] = parts[i].const_data_ptr<float>();
    x.part_depth[i] = x.part_step[i] = size(parts[i].size(1));
  }
  return x;
}

/// All of the work on a block of rows while it is in the cache.
void multiply(const std::vector<Work>& work, int64_t rows) {
  at::parallel_for(0, (rows + kRowGrain - 1) / kRowGrain, 1, [&](int64_t begin, int64_t end) {
    const int64_t last = std::min(end * kRowGrain, rows);
    for (int64_t row = begin * kRowGrain; row < last; row += kRowBlock)
      for (const Work& w : work)
        kernels::matmul(w.shape, w.x, w.panels.const_data_ptr<float>(), size(row),
                        size(std::min(row + kRowBlock, last)), w.y);
  });
}

/// grad_y^T x: [N, K] in rows of matmul_sums_step(K) floats.
Tensor weight_sums(const Tensor& grad_y, const Tensor& x) {
  const size_t depth = size(x.size(1)), out = size(grad_y.size(1));
  const SharedSums shares(x.size(0), grad_y.size(1));
  const auto step = static_cast<int64_t>(kernels::matmul_sums_step(depth));
  Tensor sums = at::zeros({shares.parts, shares.out, step}, x.options().requires_grad(false));
  shares.for_each(
      [&] { return floats(kernels::matmul_row_sums_scratch(), x); },
      [&](const SharedSums::Share& share, const Tensor& scratch) {
        kernels::matmul_row_sums(
            grad_y.const_data_ptr<float>() + share.first_out, out,
            size(share.last_out - share.first_out), x.const_data_ptr<float>(), depth, depth,
            size(share.first_row), size(share.last_row), scratch.data_ptr<float>(),
            sums.data_ptr<float>() + (share.part * shares.out + share.first_out) * step);
      });
  return shares.parts == 1 ? sums.squeeze(0) : sums.sum(0);
}

Tensor weight_grad(const Tensor& grad_y, at::TensorList parts) {
  variable_list grads;
  for (const Tensor& x : parts) grads.push_back(weight_sums(grad_y, x).narrow(1, 0, x.size(1)));
  return grads.size() == 1 ? grads[0].contiguous() : at::cat(grads, 1);
}

/// The sum over i of grad_y_i W_i, of the columns of the weights from `column` on.
Tensor input_grad(at::TensorList grads, at::TensorList weights, int64_t column, int64_t columns) {
  const int64_t rows = grads[0].size(0);
  Tensor grad_x = at::empty({rows, columns}, grads[0].options());
  std::vector<Work> work;
  for (size_t i = 0; i < weights.size(); ++i) {
    const MatmulShape shape{size(weights[i].size(0)), size(columns)};
    auto* to = grad_x.data_ptr<float>();
    work.push_back({shape,
                    input_of(grads[i]),
                    pack(shape, MatmulOrder::kRows, weights[i], column),
                    {to, size(columns), nullptr, i == 0 ? nullptr : to, size(columns),
                     weights.size() == 1 && grad_x.numel() >= kStreamedRows}});
  }
  multiply(work, rows);
  return grad_x;
}

/// [x0, x1] W_i^T + bias_i for one or more weights, + addend if there is only one.
struct RowProductFunction : torch::autograd::Function<RowProductFunction> {
  static variable_list forward(AutogradContext* ctx, at::TensorList parts, at::TensorList weights,
                               at::TensorList biases, at::TensorList addend) {
    variable_list saved(parts.begin(), parts.end());
    saved.insert(saved.end(), weights.begin(), weights.end());
    ctx->save_for_backward(saved);
    ctx->saved_data["parts"] = static_cast<int64_t>(parts.size());
    ctx->saved_data["biases"] = static_cast<int64_t>(biases.size());
    ctx->saved_data["addends"] = static_cast<int64_t>(addend.size());
    const int64_t rows = parts[0].size(0);
    variable_list ys;
    std::vector<Work> work;
    for (size_t i = 0; i < weights.size(); ++i) {
      const MatmulShape shape{size(weights[i].size(1)), size(weights[i].size(0))};
      ys.push_back(at::empty({rows, weights[i].size(0)}, parts[0].options().requires_grad(false)));
      work.push_back({shape,
                      input_of(parts),
                      pack(shape, MatmulOrder::kColumns, weights[i], 0),
                      {ys[i].data_ptr<float>(), shape.columns,
                       biases.empty() ? nullptr : biases[i].const_data_ptr<float>(),
                       addend.empty() ? nullptr : addend[0].const_data_ptr<float>(), shape.columns,
                       ys[i].numel() >= kStreamedRows}});
    }
    multiply(work, rows);
    return ys;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto number = [&](const char* key) { return size(ctx->saved_data[key].toInt()); };
    const at::TensorList all = saved, parts = all.slice(0, number("parts")),
                         weights = all.slice(parts.size());
    for (Tensor& grad : grads) grad = grad.contiguous();
    variable_list result;  // in the order of the arguments, which is that of their edges
    const auto add = [&](const auto& gradient) {
      result.push_back(ctx->needs_input_grad(result.size()) ? gradient() : Tensor());
    };
    int64_t column = 0;
    for (const Tensor& part : parts) {
      add([&] { return input_grad(grads, weights, column, part.size(1)); });
      column += part.size(1);
    }
    for (const Tensor& grad : grads) add([&] { return weight_grad(grad, parts); });
    for (size_t i = 0; i < number("biases"); ++i) add([&] { return grads[i].sum(0); });
    if (number("addends") > 0) add([&] { return grads[0]; });
    return result;
  }
};

bool is_float_on_cpu(const Tensor& x) {
  return !x.defined() || (x.is_cpu() && x.scalar_type() == at::kFloat);
}

bool suits_kernel(const RowProduct& work) {
  if (engine() != Engine::kFast || work.parts.empty() || work.parts.size() > 2) return false;
  int64_t depth = 0;
  for (const Tensor& x : work.parts) {
    if (x.dim() != 2 || !is_float_on_cpu(x) || x.size(1) == 0) return false;
    depth += x.size(1);
  }
  const int64_t rows = work.parts[0].size(0), columns = work.weight.size(0);
  const auto shaped = [](const Tensor& x, at::IntArrayRef sizes) {
    return !x.defined() || (is_float_on_cpu(x) && x.sizes() == sizes);
  };
  return rows >= kFewestRows && work.parts.back().size(0) == rows &&
         shaped(work.weight, {columns, depth}) && shaped(work.bias, {columns}) &&
         shaped(work.addend, {rows, columns});
}

variable_list contiguous(at::TensorList tensors) {
  variable_list all;
  for (const Tensor& x : tensors)
    if (x.defined()) all.push_back(x.contiguous());
  return all;
}

variable_list apply(at::TensorList parts, at::TensorList weights, at::TensorList biases,
                    at::TensorList addend) {
  const variable_list x = contiguous(parts), w = contiguous(weights), b = contiguous(biases),
                      a = contiguous(addend);
  return RowProductFunction::apply(at::TensorList(x), at::TensorList(w), at::TensorList(b),
                                   at::TensorList(a));
}

}  // namespace

Tensor row_product(const RowProduct& work) {
  if (suits_kernel(work)) return apply(work.parts, work.weight, work.bias, work.addend)[0];
  const Tensor x = work.parts.size() == 1 ? work.parts[0] : at::cat(work.parts, 1);
  const Tensor y = at::linear(
      x, work.weight, work.bias.defined() ? std::optional<Tensor>(work.bias) : std::nullopt);
  return work.addend.defined() ? work.addend + y : y;
}

Tensor row_sums(const Tensor& y, const Tensor& x) {
  return weight_grad(y.contiguous(), {x.contiguous()});
}

std::vector<Tensor> row_products(const Tensor& x, const std::vector<Tensor>& weights,
                                 const std::vector<Tensor>& biases) {
  std::vector<RowProduct> each;
  for (size_t i = 0; i < weights.size(); ++i)
    each.push_back({{x}, weights[i], biases.empty() ? Tensor() : biases[i], {}});
  if (std::ranges::all_of(each, suits_kernel)) return apply(x, weights, biases, {});
  std::vector<Tensor> ys;
  for (const RowProduct& work : each) ys.push_back(row_product(work));
  return ys;
}

}  // namespace mezzotint::ops
