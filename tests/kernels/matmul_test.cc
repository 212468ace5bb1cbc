#include "mezzotint/kernels/matmul.h"

#include <algorithm>
#include <random>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "tests/kernels/every_target.h"

namespace mezzotint::kernels {
namespace {

using Floats = std::vector<float>;
constexpr double kTolerance = 5e-6;

struct Case {
  size_t rows, depth, columns;
};

// One of everything, remainders of every panel and register block, more than one block of rows.
const Case kCases[] = {{1, 1, 1},   {1, 5, 130}, {7, 1, 16},   {6, 64, 64},  {49, 19, 35},
                       {13, 33, 5}, {50, 7, 80}, {101, 16, 1}, {97, 40, 191}};

Floats packed(const MatmulShape& shape, MatmulOrder order, const float* b, size_t step) {
  Floats to(matmul_packed_size(shape), std::nanf(""));
  const size_t panels = matmul_panels(shape), half = panels / 2;
  matmul_pack(shape, order, b, step, half, panels, to.data());
  matmul_pack(shape, order, b, step, 0, half, to.data());
  return to;
}

std::vector<double> product(const Case& c, const Floats& x, const Floats& b) {
  std::vector<double> wanted(c.rows * c.columns);
  for (size_t r = 0; r < c.rows; ++r)
    for (size_t i = 0; i < c.depth; ++i)
      for (size_t j = 0; j < c.columns; ++j)
        wanted[r * c.columns + j] += double{x[r * c.depth + i]} * b[i * c.columns + j];
  return wanted;
}

TEST(Matmul, EqualsTheSumForBothOrdersOfB) {
  on_every_target([] {
    for (const Case& c : kCases) {
      const MatmulShape shape{c.depth, c.columns};
      const Floats x = normal_floats(c.rows * c.depth, 1),
                   b = normal_floats(c.depth * c.columns, 2);
      Floats turned(b.size());
      for (size_t i = 0; i < b.size(); ++i) turned[i % c.columns * c.depth + i / c.columns] = b[i];
      const auto wanted = product(c, x, b);
      for (const MatmulOrder order : {MatmulOrder::kRows, MatmulOrder::kColumns}) {
        const bool rows = order == MatmulOrder::kRows;
        const Floats panels =
            packed(shape, order, rows ? b.data() : turned.data(), rows ? c.columns : c.depth);
        for (const bool streamed : {false, true}) {
          const auto y = hwy::AllocateAligned<float>(wanted.size() + 1);
          y[wanted.size()] = -7.0f;
          const size_t half = c.rows / 2;
          for (const auto& [first, last] : {std::pair{size_t{0}, half}, {half, c.rows}})
            matmul(shape, {{x.data()}, {c.depth}, {c.depth}}, panels.data(), first, last,
                   {y.get(), c.columns, nullptr, nullptr, 0, streamed});
          expect_close(y.get(), wanted, kTolerance);
          EXPECT_EQ(y[wanted.size()], -7.0f) << "wrote behind the end";
        }
      }
    }
  });
}

TEST(Matmul, AddsBiasAndAddendAndKeepsWhatLiesBetweenRows) {
  on_every_target([] {
    for (const Case& c : kCases) {
      const MatmulShape shape{c.depth, c.columns};
      const size_t step = c.columns + 3;
      const Floats x = normal_floats(c.rows * c.depth, 1),
                   b = normal_floats(c.depth * c.columns, 2), bias = normal_floats(c.columns, 3),
                   addend = normal_floats(c.rows * step, 4);
      const Floats panels = packed(shape, MatmulOrder::kRows, b.data(), c.columns);
      auto wanted = product(c, x, b);
      Floats y(c.rows * step, -7.0f), in_place = addend, got(wanted.size()), got_in_place = got;
      matmul(shape, {{x.data()}, {c.depth}, {c.depth}}, panels.data(), 0, c.rows,
             {y.data(), step, bias.data(), addend.data(), step});
      matmul(shape, {{x.data()}, {c.depth}, {c.depth}}, panels.data(), 0, c.rows,
             {in_place.data(), step, nullptr, in_place.data(), step});
      auto wanted_in_place = wanted;
      for (size_t i = 0; i < wanted.size(); ++i) {
        const size_t at = i / c.columns * step + i % c.columns;
        wanted_in_place[i] += addend[at];
        wanted[i] += double{bias[i % c.columns]} + addend[at];
        got[i] = y[at];
        got_in_place[i] = in_place[at];
      }
      expect_close(got.data(), wanted, kTolerance);
      expect_close(got_in_place.data(), wanted_in_place, kTolerance);
      for (size_t i = 0; i < y.size(); ++i)
        if (i % step >= c.columns) {
          ASSERT_EQ(y[i], -7.0f);
          ASSERT_EQ(in_place[i], addend[i]);
        }
    }
  });
}

TEST(Matmul, ReadsTwoMatricesAsOne) {
  on_every_target([] {
    const Case c{53, 40, 70};
    const MatmulShape shape{c.depth, c.columns};
    const Floats x = normal_floats(c.rows * c.depth, 1), b = normal_floats(c.depth * c.columns, 2);
    const Floats panels = packed(shape, MatmulOrder::kRows, b.data(), c.columns);
    const auto wanted = product(c, x, b);
    for (const size_t cut : {1, 16, 39}) {
      Floats left, right;
      for (size_t i = 0; i < x.size(); ++i) (i % c.depth < cut ? left : right).push_back(x[i]);
      Floats y(wanted.size());
      matmul(shape, {{left.data(), right.data()}, {cut, c.depth - cut}, {cut, c.depth - cut}},
             panels.data(), 0, c.rows, {y.data(), c.columns});
      expect_close(y.data(), wanted, kTolerance);
    }
  });
}

TEST(Matmul, RowSumsAddToWhatIsThere) {
  on_every_target([] {
    for (Case c : kCases) {
      c.rows = 3 * c.rows + 1;  // more than one block
      const size_t step = matmul_sums_step(c.columns);
      const Floats a = normal_floats(c.rows * c.depth, 1), b = normal_floats(c.rows * c.columns, 2);
      std::vector<double> wanted(c.depth * c.columns, 0.5);
      for (size_t r = 0; r < c.rows; ++r)
        for (size_t i = 0; i < wanted.size(); ++i)
          wanted[i] += double{a[r * c.depth + i / c.columns]} * b[r * c.columns + i % c.columns];
      Floats sums(c.depth * step, 0.5f), scratch(matmul_row_sums_scratch()), got(wanted.size());
      const size_t half = c.rows / 2;
      for (const auto& [first, last] : {std::pair{size_t{0}, half}, {half, c.rows}})
        matmul_row_sums(a.data(), c.depth, c.depth, b.data(), c.columns, c.columns, first, last,
                        scratch.data(), sums.data());
      for (size_t i = 0; i < got.size(); ++i) got[i] = sums[i / c.columns * step + i % c.columns];
      expect_close(got.data(), wanted, kTolerance);
    }
  });
}

TEST(Matmul, AnyAlignmentGivesTheSameBits) {
  on_every_target([] {
    const Case c{29, 37, 83};
    const MatmulShape shape{c.depth, c.columns};
    const Floats x = normal_floats(c.rows * c.depth, 1), b = normal_floats(c.depth * c.columns, 2);
    Floats first;
    for (const size_t shift : {0, 1, 3, 5}) {
      Floats moved_x(shift), moved_b(shift), y(shift + c.rows * c.columns);
      moved_x.insert(moved_x.end(), x.begin(), x.end());
      moved_b.insert(moved_b.end(), b.begin(), b.end());
      Floats panels(shift + matmul_packed_size(shape));
      matmul_pack(shape, MatmulOrder::kRows, moved_b.data() + shift, c.columns, 0,
                  matmul_panels(shape), panels.data() + shift);
      matmul(shape, {{moved_x.data() + shift}, {c.depth}, {c.depth}}, panels.data() + shift, 0,
             c.rows, {y.data() + shift, c.columns});
      y.erase(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(shift));
      if (shift == 0) first = y;
      EXPECT_EQ(y, first);
    }
  });
}

}  // namespace
}  // namespace mezzotint::kernels
