#pragma once

#include <filesystem>

#include "mezzotint/base/cancel.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// Pictures sampled from the same noise again and again while a network learns, so that one sees it
/// change. In conditional pipelines the labels go 0, 1, ... and around again.
class Previews {
 public:
  /// @param folder where the pictures go. @param height, width of the pictures.
  Previews(const TrainConfig& config, const Pipeline& pipeline, std::filesystem::path folder,
           int64_t height, int64_t width);

  bool wanted() const { return config_.sample_count > 0; }
  /// [sample_count, C, height, width] in model range (about [-1, 1], not clamped), by whatever the
  /// pipeline's parameters are now. @throws Error (kCancelled) when stopped.
  Tensor draw(const Pipeline& pipeline, const CancelToken& cancel) const;

  /// update-NNNNNNNN.png, or update-NNNNNNNN-raw.png for those of raw weights beside an average's.
  std::filesystem::path grid_path(int64_t update, bool raw = false) const;
  void write_grid(const Tensor& images_bchw, const std::filesystem::path& path) const;
  /// Keeps the pictures from before training for the strip, through interruptions.
  void keep_before(const Tensor& images_bchw) const;
  bool has_before() const;
  /// before-after.png: the first row from before training, the second from now, the same noise in
  /// each column.
  std::filesystem::path write_strip(const Tensor& after_bchw) const;

 private:
  TrainConfig config_;
  std::filesystem::path folder_;
  Tensor noise_;   ///< [sample_count, C, height, width]; undefined when none are wanted
  Tensor labels_;  ///< [sample_count]; undefined in unconditional pipelines
};

}  // namespace mezzotint
