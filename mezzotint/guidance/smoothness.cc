// Losses on how pixels stand to each other: `tv` (total variation) and `symmetry`.
#include <ATen/ops/flip.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/loss_kind.h"

namespace mezzotint {
namespace {

/// Mean squared or absolute difference of neighbours, across and down (Rudin, Osher and Fatemi
/// 1992).
struct TotalVariationLoss {
  std::string measure = "l2";
  void fields(auto& f) {
    f("measure", measure, "squared differences, or absolute ones, which keep edges", {"l2", "l1"});
  }
  GuideLoss make(const LossResources& resources) const {
    if (resources.height < 2 || resources.width < 2)
      fail_usage("loss tv: pictures of ", resources.height, " x ", resources.width,
                 " pixels have no neighbours to compare");
    return [squared = measure == "l2"](const Tensor& x0_bchw, double) {
      const auto variation = [&](int64_t dim) {
        const int64_t size = x0_bchw.size(dim);
        const Tensor step = x0_bchw.narrow(dim, 1, size - 1) - x0_bchw.narrow(dim, 0, size - 1);
        return (squared ? step.square() : step.abs()).mean({1, 2, 3});
      };
      return variation(2) + variation(3);
    };
  }
};

/// Mean squared difference between a picture and its mirror image.
struct SymmetryLoss {
  std::string axis = "vertical";
  void fields(auto& f) {
    f("axis", axis,
      "left like right, top like bottom, both, or as it is when turned by half a turn",
      {"vertical", "horizontal", "both", "half_turn"});
  }
  GuideLoss make(const LossResources&) const {
    std::vector<std::vector<int64_t>> flips;
    if (axis == "vertical" || axis == "both") flips.push_back({3});
    if (axis == "horizontal" || axis == "both") flips.push_back({2});
    if (axis == "half_turn") flips.push_back({2, 3});
    return [flips](const Tensor& x0_bchw, double) {
      Tensor sum;
      for (const auto& dims : flips) {
        const Tensor difference = (x0_bchw - at::flip(x0_bchw, dims)).square().mean({1, 2, 3});
        sum = sum.defined() ? sum + difference : difference;
      }
      return sum / static_cast<int64_t>(flips.size());
    };
  }
};

const Registered<LossKind> kTotalVariation(
    "tv", loss_kind<TotalVariationLoss>("smoother: total variation", "measure", 10));
const Registered<LossKind> kSymmetry("symmetry",
                                     loss_kind<SymmetryLoss>("like its mirror image", "axis", 100));

}  // namespace
}  // namespace mezzotint
