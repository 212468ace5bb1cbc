#pragma once

#include <filesystem>

#include "mezzotint/report/plot.h"
#include "mezzotint/training/record.h"

namespace mezzotint {

/// The loss of a run by micro-batch: raw (means of neighbours where there are too many to draw),
/// smoothed, and the mean of each epoch. @param records as in metrics.jsonl.
Plot loss_plot(const std::vector<Record>& records);

/// Draws `folder`/loss.svg and loss.png from `folder`/metrics.jsonl every `every` updates (0:
/// never) and at the end. It stands behind the RecordFile of the same run.
class LossCurve : public Logger {
 public:
  LossCurve(std::filesystem::path folder, int64_t every)
      : folder_(std::move(folder)), every_(every) {}
  void log(const Record& record) override;
  void finish() override { draw(); }

 private:
  void draw() const;
  std::filesystem::path folder_;
  int64_t every_;
  int64_t drawn_ = 0;
};

}  // namespace mezzotint
