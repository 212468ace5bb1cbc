#pragma once

#include <cstdint>

#include "mezzotint/training/record.h"
#include "mezzotint/training/run_entry.h"

namespace mezzotint {

/// What the records of a run amount to, so far: the numbers of a RunEntry.
class RunProgress {
 public:
  void add(const Record& record);
  /// Sets updates, images, losses and speed; `planned` too once the length of an epoch is known.
  /// @param epochs, most_updates as TrainConfig has them (num_epochs, max_train_steps).
  void put(RunEntry& entry, int64_t epochs, int64_t most_updates) const;
  /// Whether the run has come to its end: its last epoch's, or the last update that it may do.
  bool at_end(int64_t epochs, int64_t most_updates) const;

 private:
  void add_loss(double loss);

  Position at_;
  double loss_sum_ = 0;  ///< running mean of the loss, and the weight that it has gathered
  double loss_weight_ = 0;
  std::optional<double> best_loss_, epoch_loss_, validation_loss_, average_validation_loss_;
  int64_t epochs_ = 0;             ///< that have ended
  int64_t updates_per_epoch_ = 0;  ///< 0 until the first epoch has ended
  int64_t timed_images_ = 0;       ///< pictures that images_per_second spoke of, and their seconds
  double timed_seconds_ = 0;
  int64_t images_at_report_ = 0;
};

}  // namespace mezzotint
