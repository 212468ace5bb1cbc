#include "mezzotint/kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tests/kernels/every_target.h"

namespace mezzotint::kernels {
namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

struct Case {
  size_t tokens, heads, head_size;
  float spread;  ///< of queries and keys: large ones make the softmax sharp
};

// One of everything, ends of vectors and of blocks of queries and keys, heads of any size.
const Case kCases[] = {{1, 1, 1, 1},    {49, 3, 8, 1},   {65, 2, 5, 1},     {17, 1, 70, 1},
                       {130, 2, 16, 5}, {200, 1, 24, 1}, {64, 1, 130, 0.5}, {3, 4, 32, 1}};

struct Inputs {
  explicit Inputs(const Case& c)
      : shape{c.tokens, c.head_size, c.heads * c.head_size},
        q(normal_floats(c.tokens * shape.stride, 1)),
        k(normal_floats(c.tokens * shape.stride, 2)),
        v(normal_floats(c.tokens * shape.stride, 3)),
        grad_out(normal_floats(c.tokens * shape.stride, 4)) {
    for (Floats* x : {&q, &k})
      for (float& value : *x) value *= c.spread;
  }
  AttentionShape shape;
  Floats q, k, v, grad_out;
};

struct Outputs {
  explicit Outputs(size_t floats) : out(floats), grad_q(floats), grad_k(floats), grad_v(floats) {}
  std::vector<double> out, grad_q, grad_k, grad_v;
};

/// The equation and its derivative, of the head that starts at channel `at`.
void direct_head(const Inputs& in, size_t at, Outputs& to) {
  const auto& [tokens, size, stride] = in.shape;
  const double scale = 1 / std::sqrt(static_cast<double>(size));
  for (size_t i = 0; i < tokens; ++i) {
    const size_t row = i * stride + at;
    Doubles p(tokens), grad_p(tokens);
    double largest = -1e300, sum = 0, mean = 0;
    for (size_t j = 0; j < tokens; ++j) {
      for (size_t e = 0; e < size; ++e) p[j] += scale * in.q[row + e] * in.k[j * stride + at + e];
      largest = std::max(largest, p[j]);
    }
    for (double& value : p) sum += value = std::exp(value - largest);
    for (size_t j = 0; j < tokens; ++j) {
      p[j] /= sum;
      for (size_t e = 0; e < size; ++e) {
        const size_t other = j * stride + at + e;
        to.out[row + e] += p[j] * in.v[other];
        to.grad_v[other] += p[j] * in.grad_out[row + e];
        grad_p[j] += double{in.grad_out[row + e]} * in.v[other];
      }
      mean += p[j] * grad_p[j];
    }
    for (size_t j = 0; j < tokens; ++j)
      for (size_t e = 0; e < size; ++e) {
        const double grad_score = scale * p[j] * (grad_p[j] - mean);
        to.grad_q[row + e] += grad_score * in.k[j * stride + at + e];
        to.grad_k[j * stride + at + e] += grad_score * in.q[row + e];
      }
  }
}

/// The kernels, with the queries cut at `cut` for two calls forward and two parts backward.
struct Computed {
  Computed(const Case& c, const Inputs& in, size_t cut)
      : out(in.q.size()), grad_q(in.q.size()), grad_k(in.q.size()), grad_v(in.q.size()) {
    const AttentionShape& shape = in.shape;
    Floats scratch(attention_scratch_size(shape)), grads(attention_grad_scratch_size(shape));
    for (size_t at = 0; at < shape.stride; at += c.head_size) {
      Floats log_sums(c.tokens), sums(2 * attention_sums_size(shape));
      for (const auto& [first, last] : {std::pair{size_t{0}, cut}, {cut, c.tokens}})
        attention_forward(shape, &in.q[at], &in.k[at], &in.v[at], first, last, &out[at],
                          log_sums.data(), scratch.data());
      const AttentionSaved saved{&in.q[at], &in.k[at],       &in.v[at],
                                 &out[at],  log_sums.data(), &in.grad_out[at]};
      attention_backward(shape, saved, 0, cut, &grad_q[at], sums.data(), grads.data());
      attention_backward(shape, saved, cut, c.tokens, &grad_q[at],
                         sums.data() + attention_sums_size(shape), grads.data());
      for (const auto& [first, last] : {std::pair{size_t{0}, cut}, {cut, c.tokens}})
        attention_key_grads(shape, sums.data(), 2, first, last, &grad_k[at], &grad_v[at]);
    }
  }
  Floats out, grad_q, grad_k, grad_v;
};

TEST(Attention, EqualsTheEquationAndItsDerivative) {
  for (const Case& c : kCases) {
    const Inputs in(c);
    Outputs wanted(in.q.size());
    for (size_t at = 0; at < in.shape.stride; at += c.head_size) direct_head(in, at, wanted);
    on_every_target([&] {
      SCOPED_TRACE(testing::Message() << c.tokens << " tokens, heads of " << c.head_size);
      const Computed got(c, in, c.tokens / 2);
      const double tolerance = c.spread > 1 ? 1e-4 : 1e-5;
      expect_close(got.out.data(), wanted.out, tolerance);
      expect_close(got.grad_v.data(), wanted.grad_v, tolerance);
      if (c.tokens == 1) return;  // the gradients below are rounding errors of zero
      expect_close(got.grad_q.data(), wanted.grad_q, tolerance);
      expect_close(got.grad_k.data(), wanted.grad_k, tolerance);
    });
  }
}

TEST(Attention, ResultsDoNotDependOnHowQueriesAreCut) {
  on_every_target([] {
    const Case c{150, 1, 40, 3};
    const Inputs in(c);
    const Computed whole(c, in, 0);
    for (const size_t cut : {16, 64, 96, 150}) {
      const Computed got(c, in, cut);
      EXPECT_EQ(got.out, whole.out);
      EXPECT_EQ(got.grad_q, whole.grad_q);
    }
  });
}

}  // namespace
}  // namespace mezzotint::kernels
