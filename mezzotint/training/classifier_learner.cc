#include "mezzotint/training/classifier_learner.h"

#include <algorithm>

#include <ATen/core/Reduction.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>

#include "mezzotint/training/augmentation.h"

namespace mezzotint {

ClassifierLearner::ClassifierLearner(const PictureClassifier& classifier, Loader train,
                                     std::shared_ptr<const Loader> test,
                                     const AugmentationConfig& augmentation,
                                     const TrainConfig& config)
    : classifier_(classifier),
      train_(std::move(train)),
      test_(std::move(test)),
      augmentation_(augmentation),
      config_(config),
      parameters_(classifier.parameters().under("classifier.")) {
  for (const auto& [key, tensor] : parameters_) tensor.requires_grad_(true);
}

MicroBatch ClassifierLearner::micro_batch(int64_t epoch, int64_t index) {
  const Batch batch = train_.batch(epoch, index);
  Tensor x_bchw;
  {
    const at::NoGradGuard no_gradients;
    RandomStream stream(stream_seed(config_.seed, concat("augment/", epoch, '/', index)));
    x_bchw = augmented(batch.x0_bchw, augmentation_, stream);
  }
  MicroBatch ready{.pictures = x_bchw.size(0)};
  ready.losses = [this, x_bchw, label_b = batch.label_b](int64_t first, int64_t count) {
    return at::cross_entropy_loss(classifier_.logits(x_bchw.narrow(0, first, count)),
                                  label_b.narrow(0, first, count), {}, at::Reduction::None);
  };
  return ready;
}

void ClassifierLearner::show(const Showing& showing) {
  constexpr int64_t kQuickLook = 2000;  // pictures; all of them at the end
  shown_ = showing.at.update;
  if (!test_) return;
  const at::NoGradGuard no_gradients;
  int64_t right = 0, all = 0;
  for (int64_t i = 0; i < test_->batches_per_epoch() && (showing.finished || all < kQuickLook);
       ++i) {
    showing.cancel.check();
    const Batch batch = test_->batch(0, i);
    right += (classifier_.logits(batch.x0_bchw).argmax(1) == batch.label_b).sum().item<int64_t>();
    all += batch.x0_bchw.size(0);
  }
  showing.log("accuracy",
              static_cast<double>(right) / static_cast<double>(std::max<int64_t>(all, 1)));
}

}  // namespace mezzotint
