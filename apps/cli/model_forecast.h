#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint::cli {

struct ForecastRequest {
  int64_t batch = 1;
  int64_t height = 0;
  int64_t width = 0;
  bool timing = true;  ///< run the network to learn how fast this machine is
};

/// What running the model costs: operations, memory and, with `timing`, seconds. Operations are
/// counted and memory is estimated from the shapes (mezzotint/pipelines/cost.h). Seconds come from
/// the network itself, timed for a moment on one picture, a smaller one where the full size would
/// take long, and scaled by the operations.
/// @return an object: batch, height, width, flops_per_picture, sampling_mb, training_mb; with
/// timing also measured_gflops (per second), measured_at ([height, width]), seconds_per_step,
/// steps, seconds, seconds_per_update (of training).
nlohmann::json forecast(const Pipeline& pipeline, const ForecastRequest& request,
                        c10::Device device);

}  // namespace mezzotint::cli
