// Losses on light and colour as a whole: `brightness`, `contrast` and `saturation`.
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/channels.h"
#include "mezzotint/guidance/loss_kind.h"

namespace mezzotint {
namespace {

/// (what a picture has - target)^2.
template <auto kMeasure>
GuideLoss towards(double target) {
  return [target](const Tensor& x0_bchw, double) { return (kMeasure(x0_bchw) - target).square(); };
}

void check_target(const char* loss, double target, double most) {
  if (!(target >= 0 && target <= most))
    fail_usage("loss ", loss, ": target: got ", target, ", wanted 0 to ", most);
}

/// Mean luma, [B] in [0, 1].
Tensor brightness(const Tensor& x_bchw) { return luma(x_bchw).mean({1, 2, 3}); }

/// Standard deviation of the luma, [B] in [0, 0.5]: root mean square contrast.
Tensor contrast(const Tensor& x_bchw) {
  constexpr double kTiny = 1e-12;  // the root has no gradient at 0
  const Tensor grey = luma(x_bchw);
  return ((grey - grey.mean({1, 2, 3}, true)).square().mean({1, 2, 3}) + kTiny).sqrt();
}

/// Mean distance between a pixel's largest and smallest channel, [B] in [0, 1]: the chroma of HSV,
/// which unlike its saturation doesn't jump at black.
Tensor saturation(const Tensor& x_bchw) {
  const Tensor unit = x_bchw / 2 + 0.5;
  return (at::amax(unit, 1) - at::amin(unit, 1)).mean({1, 2});
}

struct BrightnessLoss {
  double target = 0.5;
  void fields(auto& f) { f("target", target, "mean luma, 0 black to 1 white"); }
  GuideLoss make(const LossResources&) const {
    check_target("brightness", target, 1);
    return towards<brightness>(target);
  }
};

struct ContrastLoss {
  double target = 0.3;
  void fields(auto& f) { f("target", target, "standard deviation of the luma, 0 to 0.5"); }
  GuideLoss make(const LossResources&) const {
    check_target("contrast", target, 0.5);
    return towards<contrast>(target);
  }
};

struct SaturationLoss {
  double target = 0.5;
  void fields(auto& f) { f("target", target, "mean chroma, 0 grey to 1 pure colours"); }
  GuideLoss make(const LossResources& resources) const {
    check_rgb(resources, "saturation");
    check_target("saturation", target, 1);
    return towards<saturation>(target);
  }
};

const Registered<LossKind> kBrightness("brightness",
                                       loss_kind<BrightnessLoss>("as light or dark as wanted",
                                                                 "target", 100));
const Registered<LossKind> kContrast("contrast", loss_kind<ContrastLoss>("as contrasted as wanted",
                                                                         "target", 100));
const Registered<LossKind> kSaturation("saturation",
                                       loss_kind<SaturationLoss>("as colourful as wanted", "target",
                                                                 100));

}  // namespace
}  // namespace mezzotint
