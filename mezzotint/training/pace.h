#pragma once

#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// How long the parts of a run take on this machine, seconds.
struct Pace {
  double micro_batch = 0;  ///< forward, backward and update with a full batch; 0: can't be said
  double sampled = 0;      ///< one picture forward, as samples and validations need it
};

/// Measures it: a few updates with learning rate 0 on pictures of noise, which leave the weights as
/// they are to the bit, and no random stream of the run moved. Takes about a second, or the time of
/// two micro-batches; of smaller ones where a full one takes more than some seconds.
/// @param updates that the run will make: of few of them fewer are tried.
Pace measure_pace(const Pipeline& pipeline, const TrainConfig& config, int64_t height,
                  int64_t width, int64_t updates);

}  // namespace mezzotint
