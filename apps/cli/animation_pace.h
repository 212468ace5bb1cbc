#pragma once

#include <cstdint>

#include "mezzotint/io/animation.h"

namespace mezzotint::cli {

/// Which steps of a sampling run an animation shows, and for how long.
struct AnimationPace {
  int64_t every = 1;  ///< steps from frame to frame; the first and the last are always shown
  int frame_ms = 0;
  int last_frame_ms = 0;
};

/// @param every steps; 0: so that there are at most 60 frames. @param total steps of the run.
AnimationPace animation_pace(int64_t every, int64_t total);

}  // namespace mezzotint::cli
