#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// The 3x3 convolution with stride 1 and padding 1 in the Winograd form F(4x4, 3x3): Lavin & Gray
// 2015, arXiv:1509.09308. An output tile of 4x4 costs 36 products a channel pair instead of 144.
// Memory is NHWC throughout.
//
// A caller numbers the tiles of a batch (image by image, row by row), hands ranges of them to its
// threads, and gives each thread a scratch area of its own; this file knows no threads.

/// Sizes of one convolution. The number of images is implied by the range of tiles.
struct WinogradShape {
  size_t height = 0;
  size_t width = 0;
  size_t in_channels = 0;
  size_t out_channels = 0;

  size_t tiles_per_image() const { return ((height + 3) / 4) * ((width + 3) / 4); }
};

/// Tiles that are transformed together; ranges best start at a multiple.
inline constexpr size_t kWinogradBlock = 24;

/// Floats that winograd_filter writes, that one thread's scratch takes, and that the sums of a
/// weight gradient take.
size_t winograd_filter_size(const WinogradShape& shape);
size_t winograd_scratch_size(const WinogradShape& shape);
size_t winograd_sums_size(const WinogradShape& shape);

/// taps [3][3][in_channels][out_channels] -> the transformed filter, in the order in which
/// winograd_forward reads it.
void winograd_filter(const WinogradShape& shape, const float* taps, float* filter);

/// Convolves the tiles [first, last). x [N][H][W][in], y [N][H][W][out]; bias [out] or null.
void winograd_forward(const WinogradShape& shape, const float* x, const float* filter,
                      const float* bias, size_t first, size_t last, float* scratch, float* y);

/// Adds what the tiles [first, last) contribute to the weight gradient to `sums` (zero at the
/// start). grad_y [N][H][W][out].
void winograd_weight_sums(const WinogradShape& shape, const float* x, const float* grad_y,
                          size_t first, size_t last, float* scratch, float* sums);

/// The sums of all tiles -> grad_taps [3][3][in_channels][out_channels].
void winograd_weight_grad(const WinogradShape& shape, const float* sums, float* grad_taps);

}  // namespace mezzotint::kernels
