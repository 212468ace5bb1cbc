#include "mezzotint/pipelines/cost.h"

#include <algorithm>
#include <string>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

int64_t index_after(const std::string& key, const std::string& prefix) {
  return std::stoll(key.substr(prefix.size()));
}

/// How often the picture was halved where the parameter `key` acts. Samplers act on their output,
/// but for the Skip blocks' 3-channel convolutions, which cost next to nothing.
int64_t level_of(const std::string& key, int64_t levels) {
  const bool sampler = key.find("samplers.") != std::string::npos;
  if (key.starts_with("down_blocks.")) return index_after(key, "down_blocks.") + (sampler ? 1 : 0);
  if (key.starts_with("mid_block.")) return levels - 1;
  if (key.starts_with("up_blocks."))
    return levels - 1 - index_after(key, "up_blocks.") - (sampler ? 1 : 0);
  return 0;
}

/// Linear layers act on every pixel in attention, on one vector elsewhere (time, class).
double positions(const std::string& key, const Tensor& parameter, double pixels) {
  return parameter.dim() == 4 || key.find(".attentions.") != std::string::npos ? pixels : 1;
}

int64_t level_count(const UNet2DModel& unet) {
  return static_cast<int64_t>(unet.config().at("block_out_channels").size());
}

double pixels_at(int64_t level, int64_t height, int64_t width) {
  return static_cast<double>(height >> level) * static_cast<double>(width >> level);
}

// Fitted to peaks that were measured on the CPU (docs/pipelines.md).
// Bytes that the program takes with no network.
constexpr double kProgram = 145e6;
// While sampling: times the largest convolution's input and output.
constexpr double kWorking = 3.0;
// While training: times what all convolutions give.
constexpr double kRecorded = 4.0;

/// Values (not bytes) that one picture leads to.
struct Activations {
  double kept = 0;     ///< what the way down keeps for the way up
  double largest = 0;  ///< input and output of the largest convolution
  double all = 0;      ///< what all convolutions give
};

Activations count_activations(const UNet2DModel& unet, int64_t height, int64_t width) {
  const int64_t levels = level_count(unet);
  Activations found;
  for (const auto& [key, parameter] : unet.parameters()) {
    if (parameter.dim() != 4) continue;
    const double pixels = pixels_at(level_of(key, levels), height, width);
    const double given = pixels * static_cast<double>(parameter.size(0));
    found.all += given;
    found.largest =
        std::max(found.largest, given + pixels * static_cast<double>(parameter.size(1)));
    const bool down = key.starts_with("down_blocks.");
    if (key == "conv_in.weight" ||
        (down && (key.ends_with("conv2.weight") || key.ends_with("samplers.0.conv.weight"))))
      found.kept += given;
  }
  return found;
}

}  // namespace

double forward_flops(const UNet2DModel& unet, int64_t height, int64_t width) {
  const int64_t levels = level_count(unet);
  double flops = 0;
  for (const auto& [key, parameter] : unet.parameters()) {
    if (parameter.dim() < 2 || !key.ends_with(".weight")) continue;
    const double pixels = pixels_at(level_of(key, levels), height, width);
    flops += 2 * static_cast<double>(parameter.numel()) * positions(key, parameter, pixels);
    // q k^T and the product with v: each pixel with each, over the channels of all heads.
    if (key.ends_with(".to_q.weight"))
      flops += 4 * pixels * pixels * static_cast<double>(parameter.size(0));
  }
  return flops;
}

MemoryEstimate memory_estimate(const UNet2DModel& unet, int64_t batch, int64_t height,
                               int64_t width) {
  const Activations of = count_activations(unet, height, width);
  const double parameters = 4.0 * static_cast<double>(unet.parameters().element_count());
  const double pictures = 4.0 * static_cast<double>(batch);
  MemoryEstimate estimate;
  estimate.sampling = kProgram + parameters + pictures * (of.kept + kWorking * of.largest);
  estimate.training = kProgram + 4 * parameters + pictures * kRecorded * of.all;
  return estimate;
}

}  // namespace mezzotint
