#include "mezzotint/ops/row_product.h"

#include <algorithm>
#include <array>
#include <optional>

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include "mezzotint/kernels/matmul.h"
#include "mezzotint/ops/engine.h"

namespace mezzotint::ops {
namespace {

using kernels::MatmulInput;
using kernels::MatmulOrder;
using kernels::MatmulShape;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using OptionalTensor = std::optional<Tensor>;

/// With fewer rows, packing the weight costs more than it gains.
constexpr int64_t kFewestRows = 32;

/// Rows that a thread takes at a time: a multiple of every register block's.
constexpr int64_t kRowGrain = 12;

/// Rows that repay sums of a thread's own.
constexpr int64_t kOwnRows = 512;

size_t size(int64_t value) { return static_cast<size_t>(value); }

Tensor floats(size_t count, const Tensor& like) {
  return at::empty({static_cast<int64_t>(count)}, like.options().requires_grad(false));
}

/// B of a product, in panels.
struct Packed {
  MatmulShape shape;
  Tensor panels;
};

Packed pack(const MatmulShape& shape, MatmulOrder order, const Tensor& weight, int64_t column) {
  Packed packed{shape, floats(kernels::matmul_packed_size(shape), weight)};
  const float* from = weight.const_data_ptr<float>() + column;
  at::parallel_for(0, static_cast<int64_t>(kernels::matmul_panels(shape)), 4,
                   [&](int64_t begin, int64_t end) {
                     kernels::matmul_pack(shape, order, from, size(weight.size(1)), size(begin),
                                          size(end), packed.panels.data_ptr<float>());
                   });
  return packed;
}

Tensor multiply(const variable_list& parts, const Packed& b, const OptionalTensor& bias,
                const OptionalTensor& addend) {
  MatmulInput x;
  for (size_t i = 0; i < parts.size(); ++i) {
    x.parts[i] = parts[i].const_data_ptr<float>();
    x.part_depth[i] = x.part_step[i] = size(parts[i].size(1));
  }
  const int64_t rows = parts[0].size(0);
  const size_t columns = b.shape.columns;
  Tensor y =
      at::empty({rows, static_cast<int64_t>(columns)}, parts[0].options().requires_grad(false));
  const kernels::MatmulOutput to{y.data_ptr<float>(), columns,
                                 bias ? bias->const_data_ptr<float>() : nullptr,
                                 addend ? addend->const_data_ptr<float>() : nullptr, columns};
  at::parallel_for(0, (rows + kRowGrain - 1) / kRowGrain, 1, [&](int64_t begin, int64_t end) {
    kernels::matmul(b.shape, x, b.panels.const_data_ptr<float>(), size(begin * kRowGrain),
                    size(std::min(end * kRowGrain, rows)), to);
  });
  return y;
}

/// grad_y^T x: [N, K] in rows of matmul_sums_step(K) floats. Rows are shared out where there are
/// many, and their sums added in their order; else columns of grad_y are.
Tensor weight_sums(const Tensor& grad_y, const Tensor& x) {
  const int64_t rows = x.size(0), out = grad_y.size(1), threads = at::get_num_threads();
  const int64_t parts = std::clamp<int64_t>(rows / kOwnRows, 1, threads);
  const int64_t chunks = std::min((threads + parts - 1) / parts, (out + kRowGrain - 1) / kRowGrain);
  const auto step = static_cast<int64_t>(kernels::matmul_sums_step(size(x.size(1))));
  Tensor sums = at::zeros({parts, out, step}, x.options().requires_grad(false));
  at::parallel_for(0, parts * chunks, 1, [&](int64_t begin, int64_t end) {
    const Tensor scratch = floats(kernels::matmul_row_sums_scratch(), x);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t part = i / chunks, chunk = i % chunks;
      const int64_t first = out * chunk / chunks, last = out * (chunk + 1) / chunks;
      kernels::matmul_row_sums(grad_y.const_data_ptr<float>() + first, size(out),
                               size(last - first), x.const_data_ptr<float>(), size(x.size(1)),
                               size(x.size(1)), size(rows * part / parts),
                               size(rows * (part + 1) / parts), scratch.data_ptr<float>(),
                               sums.data_ptr<float>() + (part * out + first) * step);
    }
  });
  return parts == 1 ? sums.squeeze(0) : sums.sum(0);
}

Tensor weight_grad(const Tensor& grad_y, const variable_list& parts) {
  variable_list grads;
  for (const Tensor& x : parts) grads.push_back(weight_sums(grad_y, x).narrow(1, 0, x.size(1)));
  return grads.size() == 1 ? grads[0].contiguous() : at::cat(grads, 1);
}

/// The arguments of the function that are tensors, in their order.
enum Argument { kX0, kX1, kWeight, kBias, kAddend, kArguments };

struct RowProductFunction : torch::autograd::Function<RowProductFunction> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x0, const OptionalTensor& x1,
                        const Tensor& weight, const OptionalTensor& bias,
                        const OptionalTensor& addend) {
    ctx->save_for_backward({x0, x1.value_or(Tensor()), weight});
    ctx->saved_data["given"] = int64_t{1 << kX0 | 1 << kWeight | x1.has_value() << kX1 |
                                       bias.has_value() << kBias | addend.has_value() << kAddend};
    const MatmulShape shape{size(weight.size(1)), size(weight.size(0))};
    return multiply(x1 ? variable_list{x0, *x1} : variable_list{x0},
                    pack(shape, MatmulOrder::kColumns, weight, 0), bias, addend);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const Tensor& weight = saved[2];
    const variable_list parts =
        saved[1].defined() ? variable_list{saved[0], saved[1]} : variable_list{saved[0]};
    // Autograd counts only the tensors that were given.
    std::array<bool, kArguments> wanted{};
    size_t edge = 0;
    for (size_t i = 0; i < kArguments; ++i)
      wanted[i] = (ctx->saved_data["given"].toInt() >> i & 1) != 0 && ctx->needs_input_grad(edge++);

    const Tensor grad_y = grads[0].contiguous();
    variable_list result(kArguments);
    int64_t column = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const MatmulShape shape{size(weight.size(0)), size(parts[i].size(1))};
      if (wanted[kX0 + i])
        result[kX0 + i] = multiply({grad_y}, pack(shape, MatmulOrder::kRows, weight, column),
                                   std::nullopt, std::nullopt);
      column += parts[i].size(1);
    }
    if (wanted[kWeight]) result[kWeight] = weight_grad(grad_y, parts);
    if (wanted[kBias]) result[kBias] = grad_y.sum(0);
    if (wanted[kAddend]) result[kAddend] = grad_y;
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

OptionalTensor optional(const Tensor& x) {
  return x.defined() ? OptionalTensor(x.contiguous()) : std::nullopt;
}

}  // namespace

Tensor row_product(const RowProduct& work) {
  const auto& parts = work.parts;
  if (suits_kernel(work))
    return RowProductFunction::apply(
        parts[0].contiguous(), parts.size() == 2 ? optional(parts[1]) : std::nullopt,
        work.weight.contiguous(), optional(work.bias), optional(work.addend));
  const Tensor y = at::linear(parts.size() == 1 ? parts[0] : at::cat(parts, 1), work.weight,
                              work.bias.defined() ? OptionalTensor(work.bias) : std::nullopt);
  return work.addend.defined() ? work.addend + y : y;
}

}  // namespace mezzotint::ops
