// Loss `color`: towards one colour, or the nearest of several.
#include "mezzotint/base/color.h"

#include <limits>

#include <ATen/ops/empty.h>
#include <ATen/ops/minimum.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/channels.h"
#include "mezzotint/guidance/loss_kind.h"

namespace mezzotint {
namespace {

/// Mean absolute distance to a colour, over the pixels that the mask keeps; among several colours
/// each pixel goes to the one it is nearest to. The course's colour loss, which its text calls a
/// squared error.
struct ColorLoss {
  std::vector<std::string> colors;
  std::vector<double> rgb;
  std::string mask;

  void fields(auto& f) {
    f("colors", colors, "#rrggbb or CSS names; each pixel goes to the nearest");
    f("rgb", rgb, "red, green and blue as fractions from 0 to 1, in place of colors");
    f("mask", mask, "picture that is white where the colour is wanted");
  }

  /// [K, 3, 1, 1] in model range.
  Tensor targets(c10::Device device) const {
    std::vector<double> all = rgb;
    if (colors.empty() == rgb.empty())
      fail_usage("loss color: wanted colours, such as color:#55FFAA, or rgb=0.1,0.9,0.5");
    for (const std::string& text : colors)
      for (const uint8_t level : parse_color(text)) all.push_back(level / 255.0);
    if (all.size() % 3 != 0) fail_usage("loss color: rgb: got ", all.size(), " numbers, wanted 3");
    Tensor targets = at::empty({static_cast<int64_t>(all.size() / 3), 3, 1, 1}, at::kFloat);
    for (size_t i = 0; i < all.size(); ++i) {
      if (!(all[i] >= 0 && all[i] <= 1))
        fail_usage("loss color: rgb: got ", all[i], ", wanted 0 to 1");
      targets.mutable_data_ptr<float>()[i] = static_cast<float>(all[i] * 2 - 1);
    }
    return targets.to(device);
  }

  GuideLoss make(const LossResources& resources) const {
    check_rgb(resources, "color");
    const Tensor targets_k = targets(resources.device);
    const Tensor mask_11hw = mask.empty() ? Tensor() : mask_of(resources, mask, "color");
    return [targets_k, mask_11hw](const Tensor& x0_bchw, double) {
      Tensor nearest_b1hw;
      for (int64_t k = 0; k < targets_k.size(0); ++k) {
        const Tensor distance = (x0_bchw - targets_k[k]).abs().mean(1, /*keepdim=*/true);
        nearest_b1hw = k == 0 ? distance : at::minimum(nearest_b1hw, distance);
      }
      return masked_mean(nearest_b1hw, mask_11hw);
    };
  }
};

const Registered<LossKind> kColor("color", loss_kind<ColorLoss>("towards a colour, or the nearest "
                                                                "of several",
                                                                "colors", 5));

}  // namespace
}  // namespace mezzotint
