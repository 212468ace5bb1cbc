#pragma once

#include "mezzotint/data/loader.h"
#include "mezzotint/models/picture_classifier.h"
#include "mezzotint/training/augmentation_config.h"
#include "mezzotint/training/learner.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// A classifier learning its classes from augmented pictures, half of them noisy, so that it can
/// judge what a diffusion model has half finished. Cross-entropy. What is drawn follows from seed,
/// epoch and index.
class ClassifierLearner final : public Learner {
 public:
  /// @param test pictures to measure the accuracy on; null: none. @param classifier is trained in
  /// place; it outlives this.
  ClassifierLearner(const PictureClassifier& classifier, Loader train,
                    std::shared_ptr<const Loader> test, const AugmentationConfig& augmentation,
                    const TrainConfig& config);

  const Weights& parameters() const override { return parameters_; }
  std::map<std::string, RandomStream> streams() const override { return {}; }
  int64_t micro_batches_per_epoch() const override { return train_.batches_per_epoch(); }
  MicroBatch micro_batch(int64_t epoch, int64_t index) override;
  void set_training(bool on) override { static_cast<void>(on); }
  bool has_shown(const Position& at, bool /*raw*/) const override { return shown_ == at.update; }
  /// Number "accuracy", 0 to 1, where there are pictures to measure it on.
  void show(const Showing& showing) override;

 private:
  const PictureClassifier& classifier_;
  Loader train_;
  std::shared_ptr<const Loader> test_;
  AugmentationConfig augmentation_;
  TrainConfig config_;
  Weights parameters_;
  int64_t shown_ = -1;
};

}  // namespace mezzotint
