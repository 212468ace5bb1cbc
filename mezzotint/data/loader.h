#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mezzotint/base/tensor.h"
#include "mezzotint/data/dataset.h"

namespace mezzotint {

/// Pictures ready for a model.
struct Batch {
  Tensor x0_bchw;  ///< [B, C, H, W] float32, in [-1, 1]
  Tensor label_b;  ///< [B] int64; undefined without classes
};

/// What happens to each picture on its way: channels, size (PIL's rules), flip, range.
struct TransformConfig {
  int64_t height = 0;  ///< 0: as the picture is
  int64_t width = 0;   ///< 0 when height is
  /// 1 grey (ITU-R 601 luma, as PIL's "L"), 3 RGB; alpha is put on `background`.
  int64_t channels = 3;
  /// squash (the course), center_crop and random_crop (scaled to cover), pad (scaled to fit).
  std::string resize = "squash";
  /// As PIL: antialiased bilinear, bicubic, box, lanczos; nearest.
  std::string interpolation = "bilinear";
  bool horizontal_flip = true;  ///< with probability 1/2
  std::string background = "#ffffff";
  void fields(auto& f) {
    f("height", height, "height in pixels");
    f("width", width, "width in pixels");
    f("channels", channels, "1 grey or 3 RGB");
    f("resize", resize, "how a picture is brought to size",
      {"squash", "center_crop", "random_crop", "pad"});
    f("interpolation", interpolation, "PIL's filter",
      {"bilinear", "bicubic", "box", "lanczos", "nearest"});
    f("horizontal_flip", horizontal_flip, "mirror half of the pictures");
    f("background", background, "the colour behind transparent pixels: #rrggbb or a CSS name");
  }
};

/// One picture -> [C, height, width] float32 in [-1, 1]. `seed` decides flips and random crops.
Tensor transform(const Image& image, const TransformConfig& config, uint64_t seed);

/// Shuffled epochs over a data set. Stateless: batch (epoch, index) is a pure function of the seed,
/// so a run resumes anywhere at no cost. The last batch of an epoch is smaller unless drop_last.
/// Pictures are read on all threads; batch() may be called from several threads.
class Loader {
 public:
  struct Options {
    int64_t batch_size = 4;
    uint64_t seed = 0;
    bool shuffle = true;
    bool drop_last = false;
    /// "error", or "skip": leave the picture out, so that its batch is smaller, and say so in
    /// warnings().
    std::string on_damaged = "error";
    int64_t cache_bytes = 1'000'000'000;  ///< pictures, scaled but not flipped, kept up to this
  };
  /// @throws Error when the data set is empty, or an option is out of its range.
  Loader(DatasetPtr dataset, TransformConfig transform, Options options);

  int64_t batches_per_epoch() const;
  /// @param epoch from 0; @param index below batches_per_epoch().
  /// @throws Error naming a damaged picture, or two pictures whose sizes differ when no size was
  /// asked for.
  Batch batch(int64_t epoch, int64_t index) const;
  const Dataset& dataset() const { return *dataset_; }
  /// One line for each damaged picture met so far, in the data set's order.
  std::vector<std::string> warnings() const;

 private:
  struct State;
  DatasetPtr dataset_;
  TransformConfig transform_;
  Options options_;
  std::shared_ptr<State> state_;
};

}  // namespace mezzotint
