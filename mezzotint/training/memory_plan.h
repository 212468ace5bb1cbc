#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mezzotint/models/unet_2d.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// One way to make the same updates: the pictures of an update in micro-batches of some size.
struct MemoryPlan {
  int64_t batch_size = 1;
  int64_t grad_accumulation_steps = 1;
  bool gradient_checkpointing = false;
  double bytes = 0;          ///< that a run holds at its peak, an estimate (pipelines/cost.h)
  double relative_time = 1;  ///< of an update, against the configuration's own batch
};

/// What training holds, and what it is to hold besides the network.
struct MemoryNeeds {
  int64_t height = 0;  ///< of the pictures
  int64_t width = 0;
  double data_bytes = 0;
};

/// Bytes at the peak of a run with this configuration.
double peak_memory(const UNet2DModel& unet, const TrainConfig& config, const MemoryNeeds& needs);

/// Every way to make updates of batch_size x grad_accumulation_steps pictures, the quickest first.
/// Gradients are those of the configuration up to rounding; where they aren't averages of losses
/// (accum_mode, backward_of) micro-batches stay as they are.
std::vector<MemoryPlan> memory_plans(const UNet2DModel& unet, const TrainConfig& config,
                                     const MemoryNeeds& needs);

/// Sets batch_size, grad_accumulation_steps and gradient_checkpointing to the quickest plan that
/// fits into config.memory, if that is set, and clears it. @return what was decided, one line, or
/// "". @throws Error (kUsage) when nothing fits, saying what the smallest plan needs.
std::string fit_memory(TrainConfig& config, const UNet2DModel& unet, const MemoryNeeds& needs);

}  // namespace mezzotint
