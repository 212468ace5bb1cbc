#pragma once

#include <chrono>
#include <string>

#include "apps/cli/console.h"

namespace mezzotint::cli {

/// What a progress line says.
struct ProgressState {
  std::string label;  ///< "sampling"
  std::string unit;   ///< "step"
  size_t done = 0;
  size_t total = 0;
  size_t start = 0;    ///< where this run began: not 0 when it goes on from a checkpoint
  double seconds = 0;  ///< since then
  std::string note;    ///< "loss 0.0312"; may be empty
};

/// "sampling [#######---------] 12/50, 2.4 steps/s, 0:16 left, loss 0.03" in at most `width`
/// characters; the bar is left out when width is 0.
std::string progress_line(const ProgressState& state, size_t width);

/// "38 ms", "7.3 s", "1:05", "2:03:04".
std::string duration_text(double seconds);

/// Progress of a loop: a bar on a terminal, else a plain line about every ten seconds; nothing with
/// --quiet.
class Progress {
 public:
  Progress(const Console& console, std::string label, size_t total, std::string unit = "step",
           size_t start = 0);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of the total are done. Cheap: draws at most ten times a second.
  void update(size_t done, const std::string& note = "");
  /// Takes the bar away and says "sampling: 50 steps in 21.3 s (2.35 steps/s)".
  void finish();
  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  void clear();

  const Console& console_;
  ProgressState state_;
  bool terminal_;
  Clock::time_point begin_;
  Clock::time_point shown_;
};

}  // namespace mezzotint::cli
