#pragma once

#include <cstdint>
#include <optional>

#include "mezzotint/models/unet_2d.h"

namespace mezzotint {

/// Floating-point operations (a multiplication and an addition are two) of one call of the network
/// on one picture: convolutions, projections and attention, counted from the shapes of the
/// parameters. A backward pass takes about twice as many again.
/// @param height, width of the picture; multiples of size_multiple().
double forward_flops(const UNet2DModel& unet, int64_t height, int64_t width);

/// Bytes that a run holds at its peak, the program itself included: an estimate. Parameters count
/// exactly. Activations are those of the network's resolutions, times factors that were fitted to
/// measured peaks (docs/pipelines.md has the table); on other kernels or devices they are as good
/// as a guess.
double sampling_memory(const UNet2DModel& unet, int64_t batch, int64_t height, int64_t width);

/// What training's memory depends on besides the network and the pictures.
struct TrainingMemory {
  bool gradient_checkpointing = false;
  bool all_gradients = false;  ///< they exist together before the weights are updated: clipping
  bool accumulates = false;    ///< they exist together while the next micro-batch is computed
  bool ema = false;
  std::optional<int64_t> learned;  ///< numbers that learn; all of the network's unless given
  bool beside = false;             ///< those stand beside the network's: an adapter
};

/// The same of training with Adam.
double training_memory(const UNet2DModel& unet, int64_t batch, int64_t height, int64_t width,
                       const TrainingMemory& how = {});

}  // namespace mezzotint
