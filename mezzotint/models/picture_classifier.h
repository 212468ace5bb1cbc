#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"

namespace mezzotint {

/// config.json of a PictureClassifier.
struct PictureClassifierConfig {
  int64_t in_channels = 3;
  int64_t num_classes = 0;
  std::vector<std::string> class_names;
  std::vector<int64_t> block_out_channels = {32, 64, 96};
  int64_t norm_num_groups = 8;

  void fields(auto& f) {
    f("in_channels", in_channels, "channels of a picture");
    f("num_classes", num_classes, "number of classes");
    f("class_names", class_names, "a name for each class, or none");
    f("block_out_channels", block_out_channels, "channels of each block; each halves the picture");
    f("norm_num_groups", norm_num_groups, "groups of the GroupNorms");
  }
  /// @throws Error naming the field that can't be.
  void validate() const;
};

/// A small convolutional network that tells classes apart, for guidance: pre-activation residual
/// blocks (He et al. 2016, arXiv:1603.05027) with GroupNorm and SiLU, smooth everywhere, each
/// followed by a mean over 2 x 2 pixels; then the mean over the picture and a linear layer.
/// Keys: conv_in, blocks.N.{norm1,conv1,norm2,conv2}, norm_out, head.
class PictureClassifier {
 public:
  /// @throws Error naming the key or tensor that is wrong.
  PictureClassifier(const PictureClassifierConfig& config, const Weights& checkpoint);
  /// Freshly initialised, as torch's layers start.
  PictureClassifier(const PictureClassifierConfig& config, RandomStream stream);

  /// Pictures [B, in_channels, H, W] in model range, H and W multiples of size_multiple() -> [B,
  /// num_classes], unnormalised. @throws Error when the shape is another.
  Tensor logits(const Tensor& x_bchw) const;

  const PictureClassifierConfig& config() const;
  const Weights& parameters() const;
  int64_t size_multiple() const;

 private:
  struct Network;
  std::shared_ptr<const Network> network_;
};

}  // namespace mezzotint
