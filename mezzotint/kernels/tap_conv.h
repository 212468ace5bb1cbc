#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// A convolution as a matrix product: the pixels under each tap of a filter are copied side by side,
// block by block, and multiplied with the weight in panels (kernels/matmul). Pixels outside of the
// picture count as zero. For the convolutions with stride 2 that halve a picture, and, with the
// pixels of each parity as a grid of their own, for their input gradients.
//
// Pictures are NHWC. A caller numbers the grid's pixels through the batch, hands ranges of them to
// its threads, and gives each thread a scratch area; this file knows no threads.

/// What is read and where it goes. The grid's pixel (row, column) reads the picture at
/// (step * row + tap.row, step * column + tap.column) for each tap.
struct TapConv {
  struct Tap {
    std::ptrdiff_t row = 0, column = 0;
  };
  size_t height = 0, width = 0, channels = 0;  ///< of the picture that is read
  size_t step = 1;
  size_t taps = 0;
  Tap tap[9] = {};
  size_t grid_height = 0, grid_width = 0;
  size_t out_height = 0, out_width = 0, out_channels = 0;  ///< of the picture that is written
  size_t out_step = 1, out_row = 0, out_column = 0;        ///< as step and tap

  size_t depth() const { return taps * channels; }
  size_t grid_pixels() const { return grid_height * grid_width; }
};

/// Floats of scratch that a thread needs for each of the two functions below.
size_t tap_conv_scratch_size(const TapConv& conv);
size_t tap_conv_sums_scratch_size(const TapConv& conv);

/// Writes the grid's pixels [first, last). packed: the panels of B [taps][channels][out_channels];
/// bias [out_channels] or null.
void tap_conv(const TapConv& conv, const float* x, const float* packed, const float* bias,
              size_t first, size_t last, float* scratch, float* y);

/// Floats from one tap to the next of the sums below: channels in whole vectors.
size_t tap_conv_sums_step(const TapConv& conv);

/// Adds grad_y^T x over the grid's pixels [first, last) to sums [rows][taps][sums_step], for `rows`
/// channels of grad_y, whose pixels [grid pixels of the batch] start grad_step floats apart.
void tap_conv_row_sums(const TapConv& conv, const float* x, const float* grad_y, size_t grad_step,
                       size_t rows, size_t first, size_t last, float* scratch, float* sums);

}  // namespace mezzotint::kernels
