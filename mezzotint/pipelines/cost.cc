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
constexpr double kProgram = 138e6;
// Times the largest convolution's input and output: what is held beside what is kept, in a call, in
// a backward pass, and in one that computes a residual block again.
constexpr double kSampling = 0.9;
constexpr double kBackward = 2.5;
constexpr double kRecomputing = 3.0;
// Of what was recorded, what is left when the backward pass has the gradients of nearly all
// weights.
constexpr double kStillRecorded = 0.5;
// Tensors that attention keeps beside its input and output: normalised, q, k, v, mixed.
constexpr double kAttentionKeeps = 5;

/// Values (not bytes) that one picture leads to.
struct Activations {
  double passed = 0;        ///< what the way down keeps for the way up
  double kept = 0;          ///< what the forward pass keeps for the backward pass
  double checkpointed = 0;  ///< the same with gradient checkpointing
  double largest = 0;       ///< input and output of the largest convolution
};

Activations count_activations(const UNet2DModel& unet, int64_t height, int64_t width) {
  const int64_t levels = level_count(unet);
  Activations found;
  for (const auto& [key, parameter] : unet.parameters()) {
    const double pixels = pixels_at(level_of(key, levels), height, width);
    const double given = pixels * static_cast<double>(parameter.size(0));
    if (key.ends_with(".to_q.weight")) {
      found.kept += (kAttentionKeeps + 1) * given;
      continue;
    }
    if (parameter.dim() != 4) continue;
    found.largest =
        std::max(found.largest, given + pixels * static_cast<double>(parameter.size(1)));
    if (parameter.size(2) == 1) continue;  // shortcuts join the sum that the block gives
    found.kept += given;
    // The convolution in the middle of a residual block: what it gives stays within.
    if (key.ends_with("conv1.weight")) continue;
    found.checkpointed += given;
    if (!key.starts_with("up_blocks.") && !key.starts_with("mid_block.")) found.passed += given;
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

double sampling_memory(const UNet2DModel& unet, int64_t batch, int64_t height, int64_t width) {
  const Activations of = count_activations(unet, height, width);
  const double parameters = 4.0 * static_cast<double>(unet.parameters().element_count());
  return kProgram + parameters +
         4.0 * static_cast<double>(batch) * (of.passed + kSampling * of.largest);
}

double training_memory(const UNet2DModel& unet, int64_t batch, int64_t height, int64_t width,
                       const TrainingMemory& how) {
  const Activations of = count_activations(unet, height, width);
  const double parameters = 4.0 * static_cast<double>(unet.parameters().element_count());
  const double values = how.gradient_checkpointing ? of.checkpointed + kRecomputing * of.largest
                                                   : of.kept + kBackward * of.largest;
  const double recorded = 4.0 * static_cast<double>(batch) * values;
  const double learned = how.learned ? 4.0 * static_cast<double>(*how.learned) : parameters,
               weights = parameters + (how.beside ? learned : 0);
  const double still = how.accumulates ? recorded : kStillRecorded * recorded;
  const double at_its_end = how.all_gradients || how.accumulates ? learned + still : 0;
  return kProgram + weights + (how.ema ? 3 : 2) * learned + std::max(recorded, at_its_end);
}

}  // namespace mezzotint
