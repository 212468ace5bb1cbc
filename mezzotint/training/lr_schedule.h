#pragma once

#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// The factor on `lr`, in [0, 1], for update number `update` (0 for the first), in epoch `epoch` (0
/// for the first). Warm-up rises linearly from 0; linear and cosine then fall to 0 at
/// `total_updates`; exponential is lr_gamma^epoch. (diffusers/optimization.py: get_scheduler; the
/// exponential one is torch's ExponentialLR stepped once an epoch, as in the course's script.)
double lr_factor(const TrainConfig& config, int64_t update, int64_t epoch, int64_t total_updates);

}  // namespace mezzotint
