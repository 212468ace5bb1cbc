#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "mezzotint/base/tensor.h"
#include "mezzotint/guidance/pixel_normalization.h"

namespace mezzotint {

/// A network that puts pictures and texts into one space: CLIP, seen from a loss.
struct JointEmbedding {
  int64_t image_size = 224;  ///< height and width of its pictures
  PixelNormalization normalization;
  /// Pictures [n, 3, image_size, image_size], normalised -> [n, D]; differentiable.
  std::function<Tensor(const Tensor& pixels_bchw)> images;
  /// -> [number of texts, D]
  std::function<Tensor(const std::vector<std::string>& texts)> texts;
};

/// A network that tells classes apart, seen from a loss.
struct Classifier {
  std::vector<std::string> class_names;  ///< empty: numbers only
  int64_t class_count = 0;
  /// Pictures [n, C, H, W] in model range -> [n, class_count], unnormalised; differentiable.
  std::function<Tensor(const Tensor& x_bchw)> logits;
};

/// What a loss may need from outside: the run it is for, and what its options name. Losses know no
/// files and no networks; whoever makes them does.
struct LossResources {
  int64_t channels = 3;  ///< of the pictures of the run
  int64_t height = 0;
  int64_t width = 0;
  c10::Device device = c10::kCPU;
  uint64_t seed = 0;            ///< of what losses draw
  std::vector<uint64_t> seeds;  ///< one for each picture, where pictures have their own
  /// A picture file as [1, channels, height, width] in [-1, 1].
  std::function<Tensor(const std::string& path, int64_t channels, int64_t height, int64_t width)>
      picture;
  std::function<JointEmbedding(const std::string& model)> clip;
  std::function<Classifier(const std::string& model)> classifier;
};

/// The picture of an option, in the run's size unless another is given.
/// @throws Error naming the loss when `path` is empty or pictures can't be read here.
Tensor picture_of(const LossResources& resources, const std::string& path, const char* loss,
                  int64_t height = 0, int64_t width = 0);
/// A mask file as [1, 1, height, width] in [0, 1]: the grey of a picture, white is 1.
Tensor mask_of(const LossResources& resources, const std::string& path, const char* loss);

/// The seed of what a loss draws for one picture at one point of a run: the picture's own stream
/// where there are seeds, else the run's.
uint64_t draw_seed(const LossResources& resources, const char* what, size_t step, int64_t repeat,
                   int64_t image);

}  // namespace mezzotint
