// Losses against a picture of one's own: `image` (all of it), `inpaint` (what a mask keeps) and
// `superres` (its smaller version).
#include <cmath>

#include <ATen/ops/adaptive_avg_pool2d.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/channels.h"
#include "mezzotint/guidance/loss_kind.h"

namespace mezzotint {
namespace {

/// How far two pictures are apart, over the pixels of the mask. "norm" is the root of the summed
/// squares, whose gradient is as long far away as near by: what diffusion posterior sampling goes
/// down (Chung et al. 2023, arXiv:2209.14687, section 3.2).
Tensor distance(const std::string& measure, const Tensor& x_bchw, const Tensor& y_bchw,
                const Tensor& mask_11hw) {
  const Tensor difference = x_bchw - y_bchw;
  if (measure == "l1") return masked_mean(difference.abs(), mask_11hw);
  if (measure == "l2") return masked_mean(difference.square(), mask_11hw);
  constexpr double kTiny = 1e-12;  // the root has no gradient at 0
  const Tensor kept = mask_11hw.defined() ? difference * mask_11hw : difference;
  return (kept.square().sum({1, 2, 3}) + kTiny).sqrt();
}

void measure_field(auto& f, std::string& measure) {
  f("measure", measure, "mean absolute or squared difference, or the root of the summed squares",
    {"l1", "l2", "norm"});
}

struct ImageLoss {
  std::string picture;
  std::string mask;
  std::string measure = "l2";

  void fields(auto& f) {
    f("picture", picture, "the picture to come near to; brought to the run's size");
    f("mask", mask, "picture that is white where it counts");
    measure_field(f, measure);
  }

  GuideLoss make(const LossResources& resources) const {
    const Tensor wanted = picture_of(resources, picture, "image");
    const Tensor mask_11hw = mask.empty() ? Tensor() : mask_of(resources, mask, "image");
    return [=, measure = measure](const Tensor& x0_bchw, double) {
      return distance(measure, x0_bchw, wanted, mask_11hw);
    };
  }
};

struct InpaintLoss {
  std::string picture;
  std::string mask;
  std::string measure = "norm";

  void fields(auto& f) {
    f("picture", picture, "the picture whose part is kept");
    f("mask", mask, "picture that is white where new content is wanted, black where it is kept");
    measure_field(f, measure);
  }

  GuideLoss make(const LossResources& resources) const {
    const Tensor kept = picture_of(resources, picture, "inpaint");
    const Tensor keep_11hw = 1 - mask_of(resources, mask, "inpaint");
    if (keep_11hw.max().item<double>() <= 0)
      fail_usage("loss inpaint: mask ", mask, " is white everywhere, so nothing of ", picture,
                 " is kept; paint what to keep black");
    return [=, measure = measure](const Tensor& x0_bchw, double) {
      return distance(measure, x0_bchw, kept, keep_11hw);
    };
  }
};

/// The means of blocks of pixels: what PIL's box filter and a camera's coarser sensor see.
Tensor shrunk(const Tensor& x_bchw, int64_t height, int64_t width) {
  return at::adaptive_avg_pool2d(x_bchw, {height, width});
}

struct SuperresLoss {
  std::string picture;
  int64_t factor = 4;
  std::string measure = "norm";

  void fields(auto& f) {
    f("picture", picture, "the picture to make larger; brought to the run's size / factor");
    f("factor", factor, "how many times smaller it is than the run's pictures, in each direction");
    measure_field(f, measure);
  }

  GuideLoss make(const LossResources& resources) const {
    if (factor < 1 || resources.height % factor != 0 || resources.width % factor != 0)
      fail_usage("loss superres: factor: got ", factor, ", wanted a divisor of ", resources.height,
                 " and ", resources.width);
    const int64_t height = resources.height / factor, width = resources.width / factor;
    const Tensor coarse = picture_of(resources, picture, "superres", height, width);
    return [=, measure = measure](const Tensor& x0_bchw, double) {
      return distance(measure, shrunk(x0_bchw, height, width), coarse, {});
    };
  }
};

const Registered<LossKind> kImage("image",
                                  loss_kind<ImageLoss>("towards a picture", "picture", 100));
const Registered<LossKind> kInpaint(
    "inpaint", loss_kind<InpaintLoss>("keep a part of a picture, fill in the rest", "picture", 1));
const Registered<LossKind> kSuperres(
    "superres", loss_kind<SuperresLoss>("a picture whose smaller version is given", "picture", 1));

}  // namespace
}  // namespace mezzotint
