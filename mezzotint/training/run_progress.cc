#include "mezzotint/training/run_progress.h"

#include <algorithm>
#include <cmath>

namespace mezzotint {
namespace {

constexpr double kMemory = 0.98;  // of the smoothed loss, as the progress bar has it
constexpr double kSettled = 0.5;  // weight from which on the smoothed loss is no matter of luck

}  // namespace

void RunProgress::add_loss(double loss) {
  if (!std::isfinite(loss)) return;
  loss_sum_ = kMemory * loss_sum_ + (1 - kMemory) * loss;
  loss_weight_ = kMemory * loss_weight_ + (1 - kMemory);
  const double mean = loss_sum_ / loss_weight_;
  best_loss_ = loss_weight_ < kSettled ? mean : std::min(best_loss_.value_or(mean), mean);
}

void RunProgress::add(const Record& record) {
  at_ = record.at;
  const double* number = record.number();
  if (!number) return;
  if (record.name == "loss") {
    add_loss(*number);
  } else if (record.name == "epoch_loss") {
    epoch_loss_ = *number;
    epochs_ = at_.epoch + 1;
    if (at_.epoch == 0) updates_per_epoch_ = at_.update;
  } else if (record.name == "validation_loss") {
    validation_loss_ = *number;
  } else if (record.name == "validation_loss_ema") {
    average_validation_loss_ = *number;
  } else if (record.name == "images_per_second" && *number > 0) {
    timed_images_ += at_.images - images_at_report_;
    timed_seconds_ += static_cast<double>(at_.images - images_at_report_) / *number;
    images_at_report_ = at_.images;
  }
}

bool RunProgress::at_end(int64_t epochs, int64_t most_updates) const {
  return epochs_ >= epochs || (most_updates > 0 && at_.update >= most_updates);
}

void RunProgress::put(RunEntry& entry, int64_t epochs, int64_t most_updates) const {
  entry.updates = at_.update;
  entry.images = at_.images;
  if (loss_weight_ > 0) entry.loss = loss_sum_ / loss_weight_;
  entry.best_loss = best_loss_;
  entry.epoch_loss = epoch_loss_;
  entry.validation_loss = average_validation_loss_ ? average_validation_loss_ : validation_loss_;
  if (timed_seconds_ > 0)
    entry.images_per_second = static_cast<double>(timed_images_) / timed_seconds_;
  if (updates_per_epoch_ == 0) return;
  entry.planned = updates_per_epoch_ * epochs;
  if (most_updates > 0) entry.planned = std::min(*entry.planned, most_updates);
}

}  // namespace mezzotint
