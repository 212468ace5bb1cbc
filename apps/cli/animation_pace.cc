#include "apps/cli/animation_pace.h"

#include <algorithm>

namespace mezzotint::cli {
namespace {

constexpr int64_t kMostFrames = 60;
constexpr int64_t kWholeMs = 4000;  // all frames together, where none is too quick or too slow
constexpr int64_t kQuickestMs = 40;
constexpr int64_t kSlowestMs = 250;
constexpr int kLastFrameMs = 2000;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

AnimationPace animation_pace(int64_t every, int64_t total) {
  if (every == 0) every = std::max<int64_t>(1, ceil_div(total - 1, kMostFrames - 1));
  const int64_t frames = ceil_div(total - 1, every) + 1;
  // Whole hundredths of a second, so that a GIF is as quick as a WebP.
  const int64_t ms = std::clamp(kWholeMs / frames, kQuickestMs, kSlowestMs) / 10 * 10;
  return {every, static_cast<int>(ms), kLastFrameMs};
}

}  // namespace mezzotint::cli
