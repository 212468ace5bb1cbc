#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// Where in a run a loss is asked.
struct GuidePoint {
  double timestep = 0;
  size_t step = 0;  ///< 0, 1, ... of `steps`
  size_t steps = 1;
  int64_t repeat = 0;       ///< 0, 1, ... of the loss's repeats
  int64_t first_image = 0;  ///< the pictures given are first_image, first_image + 1, ... of the run
};

/// What a picture is steered down: (x0_bchw, where) -> one number for each picture, [B].
/// x0_bchw [B, C, H, W] float32 is the clean picture that the network predicts, in model range
/// (about [-1, 1]). It must be differentiable in x0, and a picture's number must not depend on the
/// other pictures: a batch may come in parts. Random numbers must follow from the GuidePoint, so
/// that parts and whole agree.
///
/// A loss is made from any callable, of x0 and the timestep or of x0 and the GuidePoint:
///
///   GuideLoss dark = [](const Tensor& x0_bchw, double t) { return x0_bchw.mean({1, 2, 3}); };
struct GuideLoss {
  GuideLoss() = default;

  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, GuideLoss>) GuideLoss(F f, int64_t times = 1)
      : repeats(times) {  // NOLINT(google-explicit-constructor)
    if constexpr (std::is_invocable_r_v<Tensor, F, const Tensor&, const GuidePoint&>)
      value = std::move(f);
    else
      value = [f = std::move(f)](const Tensor& x0_bchw, const GuidePoint& at) {
        return f(x0_bchw, at.timestep);
      };
  }

  std::function<Tensor(const Tensor& x0_bchw, const GuidePoint& at)> value;
  /// A loss that draws random numbers is asked this often; the mean counts. One graph at a time is
  /// kept.
  int64_t repeats = 1;
};

}  // namespace mezzotint
