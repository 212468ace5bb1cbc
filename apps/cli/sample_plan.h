#pragma once

#include <cstdint>
#include <vector>

#include "mezzotint/base/tensor.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/pipelines/sampler.h"

#include "apps/cli/sample_request.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// What is known once the model is loaded: which pictures, from which noise.
struct SamplePlan {
  std::vector<int64_t> labels;  ///< a class for each picture; empty in unconditional models
  std::vector<uint64_t> seeds;  ///< one for each picture; empty: one stream for all
  Tensor noise;                 ///< unit variance, [B, C, H, W]
  NoiseSource source;           ///< where the steps' noise comes from, after `noise` was drawn
  int64_t columns = 1;          ///< of the grid
};

/// Brings -n, --labels, --seeds and --init-noise together. A class-conditional model without
/// --labels gets classes 0, 1, ... and around again.
/// @throws Error (kUsage) when they contradict each other or don't fit the model.
SamplePlan make_plan(const SampleRequest& request, const GlobalOptions& global,
                     const Pipeline& pipeline);

}  // namespace mezzotint::cli
