#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mezzotint/base/weights.h"
#include "mezzotint/pipelines/sampler.h"

namespace mezzotint::cli {

/// What is kept of a sampling run besides its pictures: previews, and the tensors of --trace.
class SampleWatcher {
 public:
  struct Wishes {
    std::filesystem::path trace;     ///< .safetensors; empty: none
    int64_t preview_every = 0;       ///< steps; 0: none
    std::filesystem::path previews;  ///< the folder that takes step-NNNN.png
    int64_t columns = 1;             ///< of the pictures in a preview
  };
  explicit SampleWatcher(Wishes wishes) : wishes_(std::move(wishes)) {}

  /// Memory that a trace of these pictures takes: x and x0 in float32 after each step.
  static double trace_bytes(IntArrayRef sizes, size_t steps);

  void after_step(const SampleProgress& now);
  /// Writes the trace. @return the files written, previews included.
  std::vector<std::string> finish(const std::vector<double>& timesteps);

 private:
  void write_preview(const SampleProgress& now);

  Wishes wishes_;
  Weights trace_;
  std::vector<std::string> files_;
};

}  // namespace mezzotint::cli
