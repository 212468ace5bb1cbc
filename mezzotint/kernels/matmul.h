#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// Products of matrices with rows in memory one after another, as pixels of an NHWC picture or
// tokens are: a 1x1 convolution or a linear layer, forward and backward.
//
//   y = x B                     forward (B the transposed weight), input gradient (B the weight)
//   sums += a^T b               weight gradient, a sum over the rows
//
// B is packed once into panels of columns as wide as the registers hold, from which all threads
// read; a caller hands out panels and ranges of rows to its threads. This file knows no threads.

/// Rows of B and its columns.
struct MatmulShape {
  size_t depth = 0;
  size_t columns = 0;
};

/// The rows of x, perhaps of two matrices side by side.
struct MatmulInput {
  const float* parts[2] = {};
  size_t part_depth[2] = {};  ///< columns of each part, together the shape's depth
  size_t part_step[2] = {};   ///< floats from a row to the next
};

/// y = x B + bias + addend. The addend may be y itself.
struct MatmulOutput {
  float* y = nullptr;  ///< rows of columns floats, `step` apart
  size_t step = 0;
  const float* bias = nullptr;    ///< [columns] or null
  const float* addend = nullptr;  ///< rows as those of y, or null
  size_t addend_step = 0;
  bool streamed = false;  ///< y goes past the caches where it can: it is too large for them
};

/// How B lies in memory before it is packed: rows of columns, or columns of rows.
enum class MatmulOrder { kRows, kColumns };

/// Floats of a packed B, and the number of its panels.
size_t matmul_packed_size(const MatmulShape& shape);
size_t matmul_panels(const MatmulShape& shape);

/// Packs the panels [first, last) of b, whose rows (or, kColumns, columns) start `step` apart.
void matmul_pack(const MatmulShape& shape, MatmulOrder order, const float* b, size_t step,
                 size_t first, size_t last, float* packed);

/// The rows [first, last) of y.
void matmul(const MatmulShape& shape, const MatmulInput& x, const float* packed, size_t first,
            size_t last, const MatmulOutput& y);

/// Floats from one row to the next of the sums that matmul_row_sums adds to: columns in whole
/// vectors.
size_t matmul_sums_step(size_t columns);

/// Floats of its scratch.
size_t matmul_row_sums_scratch();

/// sums[i][j] += sum over rows in [first, last) of a[row][i] * b[row][j], for i < rows_out and
/// j < columns; sums [rows_out][matmul_sums_step(columns)], zero at the start.
void matmul_row_sums(const float* a, size_t a_step, size_t rows_out, const float* b, size_t b_step,
                     size_t columns, size_t first, size_t last, float* scratch, float* sums);

}  // namespace mezzotint::kernels
