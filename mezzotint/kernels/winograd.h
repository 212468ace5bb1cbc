#pragma once

#include <cstddef>

namespace mezzotint::kernels {

// The 3x3 convolution with stride 1 and padding 1 in the Winograd forms F(4x4, 3x3) and F(6x6,
// 3x3): Lavin & Gray 2015, arXiv:1509.09308. An output tile of 4x4 costs 36 products a channel pair
// instead of 144, one of 6x6 64 instead of 324.
// Pictures are NHWC, weights [out][in][3][3] as checkpoints hold them.
//
// What surrounds a convolution in a residual block happens while its pixels are at hand: the input
// is normalised, passed through SiLU, doubled and read from two tensors on its way in; biases and
// the residual are added on its way out.
//
// A caller numbers the tiles of a batch, hands ranges of them to its threads, and gives each thread
// a scratch area of its own; this file knows no threads.

/// Sizes of one convolution. The number of images is implied by the range of tiles.
struct WinogradShape {
  size_t height = 0;  ///< of the output, and of the input after doubling
  size_t width = 0;
  size_t in_channels = 0;
  size_t out_channels = 0;
  size_t tile = 4;  ///< samples along a side of an output tile: 4 or 6
  /// The input is doubled, or the output halved. Tiles begin at even pixels, where the transform's
  /// point -1 takes the differences of two equal ones: of a doubled picture it is always zero, and
  /// a halved one doesn't see it. So a quarter of the products is left out.
  bool doubled = false;

  size_t tiles_per_image() const {
    return ((height + tile - 1) / tile) * ((width + tile - 1) / tile);
  }
};

/// What a convolution reads. With scale, x is replaced by silu(x * scale + shift) or by
/// x * scale + shift; the border stays zero.
struct ConvInput {
  /// The channels of one or two tensors side by side, [N][H][W][part_channels[i]]; with two, the
  /// first has a multiple of kPartMultiple.
  const float* parts[2] = {};
  size_t part_channels[2] = {};
  bool doubled = false;  ///< the parts have half the height and width, each pixel counts for 2 x 2
  const float* scale = nullptr;  ///< [N][in_channels] or null
  const float* shift = nullptr;
  bool silu = false;
};
inline constexpr size_t kPartMultiple = 16;

/// What stood before a convolution whose input's gradient is being made. With z = scale * x + shift
/// of what it read, y becomes the gradient of z: y itself, or through SiLU.
struct ConvBehind {
  ConvInput read;                  ///< with scale; not doubled
  const float* origins = nullptr;  ///< [N][channels read]
  /// Receives for each tile the sums over its samples of y and of y * (x - origin): see
  /// winograd_moments_size.
  float* sums = nullptr;
};

/// What a convolution writes: y = sum + bias + image_bias + addend.
struct ConvOutput {
  float* y = nullptr;                 ///< [N][H][W][out_channels]
  const float* bias = nullptr;        ///< [out_channels] or null
  const float* image_bias = nullptr;  ///< [N][out_channels] or null
  const float* addend = nullptr;      ///< shaped as y, or null
  bool halved =
      false;  ///< y is [N][H/2][W/2][out_channels], each pixel the sum of 2 x 2; no addend
  bool streamed = false;  ///< y goes past the caches where it can: it is too large for them
  /// What each tile's samples of y are like: see winograd_moments_size; null: nobody asks.
  float* moments = nullptr;
  const ConvBehind* behind = nullptr;  ///< then there is nothing else but y and streamed
};

/// Tiles that winograd_forward best takes at a time: those whose points fit the second cache, and
/// more where the last cache doesn't keep the filter, which each block reads, from one to the next.
size_t winograd_block(const WinogradShape& shape);

/// Floats of one thread's scratch, for any of its ranges; for winograd_forward see there.
size_t winograd_scratch_size(const WinogradShape& shape);

/// Floats of the transformed filter.
size_t winograd_filter_size(const WinogradShape& shape);
/// Panels of output channels, whose part of the work may be any thread's.
size_t winograd_panels(const WinogradShape& shape);
/// Transforms the panels [first, last) of a weight [out][in][3][3]. With `turned`, the weight is
/// [in][out][3][3] of the convolution whose input gradient is wanted: channels swapped and taps
/// turned half around.
void winograd_filter(const WinogradShape& shape, const float* weight, bool turned, size_t first,
                     size_t last, float* filter);

/// Convolves the tiles [first, last), `block` at a time.
/// @param scratch winograd_forward_scratch_size.
void winograd_forward(const WinogradShape& shape, const ConvInput& input, const float* filter,
                      size_t block, size_t first, size_t last, float* scratch,
                      const ConvOutput& output);
size_t winograd_forward_scratch_size(const WinogradShape& shape, size_t block);

// GroupNorm wants the moments of what a convolution writes. Each tile leaves the means of its
// channels and their spreads, the sums of squared distances from them: so nobody has to read the
// picture again.

/// Floats that ConvOutput::moments, and ConvBehind::sums, need for `tiles` tiles: two rows of
/// winograd_moments_row a tile.
size_t winograd_moments_row(const WinogradShape& shape);
size_t winograd_moments_size(const WinogradShape& shape, size_t tiles);
/// Mean and spread [out_channels] of a picture's channels, from the moments of its tiles.
void winograd_channel_moments(const WinogradShape& shape, const float* moments, double* means,
                              double* spreads);

// With few tiles, writing the transformed filter to memory and reading it again would take longer
// than the products: it is four times the size of the weight. Then all tiles are transformed first,
// and each panel makes its part of the filter as it goes, in the second cache.

/// Floats of the points of all tiles, and of one thread's scratch for winograd_forward_panel.
size_t winograd_points_size(const WinogradShape& shape, size_t tiles);
size_t winograd_panel_scratch_size(const WinogradShape& shape, size_t tiles);

/// Transforms the tiles [first, last) out of `tiles`. @param scratch winograd_scratch_size.
void winograd_points(const WinogradShape& shape, const ConvInput& input, size_t tiles, size_t first,
                     size_t last, float* scratch, float* points);
/// The output's channels of one panel, for all tiles; weight and turned as for winograd_filter.
void winograd_forward_panel(const WinogradShape& shape, const float* points, size_t tiles,
                            const float* weight, bool turned, size_t panel, float* scratch,
                            const ConvOutput& output);

// The gradient of the weight. Tiles are taken in groups: all threads transform their share of a
// group's tiles, then all threads add up its products, one task (a block of the weight) at a time;
// after the last group each task's sums become taps. Nothing depends on the number of threads.

/// Tiles of a group, out of `tiles` in all.
size_t winograd_group_size(const WinogradShape& shape, size_t tiles);
/// Floats of a group's points, its transformed inputs and gradients.
size_t winograd_group_floats(const WinogradShape& shape, size_t group);
/// Blocks of the weight, and floats of the sums of each.
size_t winograd_tasks(const WinogradShape& shape);
size_t winograd_task_floats(const WinogradShape& shape);

/// Transforms the tiles [first, last) of the input and of the output's gradient grad_y
/// [N][H][W][out]; they are within the group of `group` tiles that starts at tile `start`.
/// @param scratch winograd_scratch_size.
void winograd_group_points(const WinogradShape& shape, const ConvInput& input, const float* grad_y,
                           size_t start, size_t group, size_t first, size_t last, float* scratch,
                           float* points);
/// Adds the products of the group's first `tiles` tiles to the sums of one task; those of the first
/// group start them.
void winograd_group_products(const WinogradShape& shape, const float* points, size_t group,
                             size_t tiles, size_t task, bool first_group, float* sums);
/// One task's sums -> its block of grad_weight [out][in][3][3].
void winograd_weight_grad(const WinogradShape& shape, const float* sums, size_t task,
                          float* grad_weight);

}  // namespace mezzotint::kernels
