#pragma once

#include <cstdint>

#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint::cli {

/// The network of google/ddpm-celebahq-256 (113,673,219 parameters) and its schedule, with random
/// weights.
Pipeline celebahq_pipeline(uint64_t seed, int64_t size, c10::Device device = c10::kCPU);

/// The diffusion-models course's class-conditional digit network, as preset course-mnist has it,
/// with ten classes and random weights.
Pipeline mnist_pipeline(uint64_t seed, int64_t size);

/// The recipe of preset course-mnist.
TrainConfig mnist_recipe();

}  // namespace mezzotint::cli
