#pragma once

#include <functional>

#include "mezzotint/base/weights.h"
#include "mezzotint/models/unet_2d.h"

namespace mezzotint {

// A batch of small pictures is computed in slices of a few pictures each, from the noise to the
// gradients, the threads side by side: what a slice computes stays in a core's caches, threads
// needn't wait for each other at every op, and only as many activations exist as slices are under
// way. The sums of a gradient are rounded in another order than those of the whole batch, the same
// one every time with the same number of threads.

/// The losses [count] of the pictures [first, first + count), differentiable in the parameters.
/// Called from several threads at once.
using SliceLosses = std::function<Tensor(int64_t first, int64_t count)>;

/// A batch, and what of the network decides how it is cut.
struct SlicedBatch {
  int64_t pictures = 0;
  int64_t smallest_pixels = 0;  ///< of a picture where the network has made it smallest
  int64_t parameters = 0;       ///< numbers in all of them: each thread has gradients of its own
};

/// Into how many slices it had better be cut; 1: not at all.
int64_t slices_of(const SlicedBatch& batch);

/// The same of pictures of height x width. One where dropout draws, which it does for the batch,
/// and on other devices than the CPU.
int64_t slices_of(const UNet2DModel& unet, int64_t pictures, int64_t height, int64_t width);

/// Pictures that are under way at once, and in memory, while a batch is computed in slices.
int64_t pictures_at_once(int64_t pictures, int64_t slices);

/// Adds the gradients of scale * (the sum of all losses) to those that the parameters have.
/// @return the losses [pictures], detached.
Tensor backward_in_slices(const SliceLosses& losses_of, int64_t pictures, int64_t slices,
                          double scale, const Weights& parameters);

}  // namespace mezzotint
