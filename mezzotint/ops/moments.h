#pragma once

#include <memory>

#include "mezzotint/base/tensor.h"

namespace mezzotint::ops {

// GroupNorm reads a picture twice: for its moments, then to normalise it. Who writes a picture has
// every value at hand, and may note the moments for the norm that comes.

struct MomentNotes;

/// For as long as it lives, moments that this thread's ops note are found by the ops that come
/// after; a network's forward pass has one. Within its life nobody may write into a picture whose
/// moments are noted.
class MomentsGuard {
 public:
  MomentsGuard();
  ~MomentsGuard();
  MomentsGuard(const MomentsGuard&) = delete;
  MomentsGuard& operator=(const MomentsGuard&) = delete;

 private:
  std::unique_ptr<MomentNotes> notes_;
  MomentNotes* before_;
};

/// Whether this thread notes moments: within the life of a guard.
bool moments_wanted();

/// Notes the moments of x_bchw: [B, 2, C] in float64, a channel's mean over its pixels and its
/// spread, the sum of their squared distances from it. Nothing happens without a guard.
void note_moments(const Tensor& x_bchw, const Tensor& moments_b2c);

/// What was noted of the same picture, by its memory; undefined if nothing was.
Tensor noted_moments(const Tensor& x_bchw);

}  // namespace mezzotint::ops
