#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mezzotint/base/weights.h"
#include "mezzotint/io/animation.h"
#include "mezzotint/pipelines/sampler.h"

#include "apps/cli/animation_pace.h"

namespace mezzotint::cli {

/// What is kept of a sampling run besides its pictures: previews, the tensors of --trace, and the
/// animation.
class SampleWatcher {
 public:
  struct Wishes {
    std::filesystem::path trace;      ///< .safetensors; empty: none
    int64_t preview_every = 0;        ///< steps; 0: none
    std::filesystem::path previews;   ///< the folder that takes step-NNNN.png
    int64_t columns = 1;              ///< of the pictures in a preview
    std::filesystem::path animation;  ///< .webp or .gif; empty: none
    int64_t animate_every = 0;        ///< steps; 0: as many as suit
    std::string comment;              ///< of the animation
  };
  explicit SampleWatcher(Wishes wishes) : wishes_(std::move(wishes)) {}

  /// Memory that a trace of these pictures takes: x and x0 in float32 after each step.
  static double trace_bytes(IntArrayRef sizes, size_t steps);

  void after_step(const SampleProgress& now);
  /// Writes the trace and the animation. @return the files written, previews included.
  std::vector<std::string> finish(const std::vector<double>& timesteps);

 private:
  Image picture(const SampleProgress& now) const;
  void write_preview(size_t index, const Image& picture);
  void add_frame(Image picture);

  Wishes wishes_;
  Weights trace_;
  AnimationPace pace_;
  std::unique_ptr<AnimationWriter> animation_;
  std::vector<std::string> files_;
};

}  // namespace mezzotint::cli
