#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "mezzotint/training/record.h"
#include "mezzotint/training/run_config.h"

namespace mezzotint {

/// Under which name TensorBoard shows a record; what stands before the slash is its group. A name
/// that has a slash stays. Else "loss" is "loss/train", and other losses lose the word:
/// "validation_loss_ema" is "loss/validation_ema". "lr", "grad_norm", "images_per_second" and
/// "memory_mb" go below progress/, other numbers below scores/, pictures below pictures/, texts
/// below run/, histograms below histograms/.
std::string tensor_board_tag(const Record& record);

/// Writes records as TensorBoard reads them, into a new file of `folder`, each at once, so that a
/// run can be watched. Steps are updates: "loss", which has a record each micro-batch, is shown as
/// the mean over those of an update. A picture that is gone is left out.
class TensorBoardFile : public Logger {
 public:
  /// Opens `run`/tensorboard/events.out.tfevents.TIME.HOST.PID, which sorts behind the files that
  /// are there. @param first_step if there are others: what they say of this step and later is
  /// void. @throws Error naming the file.
  TensorBoardFile(std::filesystem::path run, int64_t first_step);
  /// The first step that isn't in another file: 0 when there is none.
  int64_t first_step() const { return first_step_; }
  /// @throws Error naming the file, when the disk is full or the file has been removed.
  void log(const Record& record) override;
  /// Goes on in another file, as after an interruption; metrics.jsonl has been rewound before.
  void rewind(const Position& to) override;
  /// Logs again what metrics.jsonl has of first_step() and later.
  void log_past();
  void log_text(const std::string& tag, int64_t step, const std::string& markdown);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  /// The losses of the micro-batches since the last update.
  struct PendingLoss {
    int64_t updates = 0;  ///< that are finished
    int64_t count = 0;
    double sum = 0;
  };
  void open(int64_t first_step);
  void write(const std::string& event);
  /// Adds a loss to its update's. @return the mean of the update, if it was its last.
  std::optional<double> gather(const Record& record);

  std::filesystem::path run_, path_;
  int64_t first_step_ = 0;
  PendingLoss loss_;
  std::unique_ptr<std::FILE, Closer> file_;
};

/// The file of a run that begins, or goes on. The configuration and the command line are texts of
/// step 0. Records of metrics.jsonl that are in no other file, or that the START event drops
/// although they hold, are logged again: so metrics.jsonl ends where the run goes on.
std::shared_ptr<TensorBoardFile> open_tensor_board(const std::filesystem::path& run,
                                                   const RunConfig& config, int64_t first_step);

}  // namespace mezzotint
