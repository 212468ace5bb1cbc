#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "mezzotint/report/page_pace.h"
#include "mezzotint/report/run_report.h"
#include "mezzotint/training/record.h"

namespace mezzotint {

/// Keeps RUN/report.html while a run trains, with session.json and samples/timeline.png: written at
/// the start, soon after every sample grid and checkpoint, in between every 20 seconds, and at the
/// end. The curves as files (run_curves.h) cost more than the page and come more seldom. All of it
/// takes at most a hundredth of the time (PagePace). Each file is replaced in one step, so that a
/// reader never sees half of it.
///
/// It stands behind the RecordFile of the same run. What can't be written doesn't end the run: it
/// is said once, and tried again.
class LiveReport : public Logger {
 public:
  using Warn = std::function<void(const std::string& line)>;

  /// Reads what the run logged before an interruption, once, and writes the first page.
  /// @param session what is known of the run: updates, version, processor, threads, about.
  /// @param start where it begins or goes on.
  LiveReport(std::filesystem::path run, RunConfig config, RunSession session, const Position& start,
             Warn warn);

  void log(const Record& record) override;
  /// Draws all pictures; end() says on the page how the run has ended.
  void finish() override;
  /// The last page. @param state "done", "stopped" or "failed". @param message why it failed.
  void end(const std::string& state, const std::string& message = "");

  /// Seconds that all this has taken so far.
  double spent() const { return pace_.spent() + curves_pace_.spent(); }

 private:
  double now() const;
  void read_past();
  void estimate();
  void write_page();
  void write_curves();
  void guarded(const std::function<void()>& work);

  std::filesystem::path run_;
  RunView view_;
  Warn warn_;
  std::string warned_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double seconds_before_ = 0;  ///< of work before an interruption
  double first_at_ = -1;       ///< when the first loss came, and of which update
  int64_t first_update_ = 0;
  PagePace pace_{0.005, 20};
  PagePace curves_pace_{0.003, 120};
  bool event_ = false;       ///< a grid or checkpoint since the last page
  bool new_grid_ = false;    ///< a grid since the strip was drawn
  bool new_curves_ = false;  ///< a grid since the curves were drawn
  bool finished_ = false;
};

}  // namespace mezzotint
