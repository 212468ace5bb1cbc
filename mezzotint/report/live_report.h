#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "mezzotint/report/page_pace.h"
#include "mezzotint/report/run_report.h"
#include "mezzotint/training/record.h"

namespace mezzotint {

/// Keeps RUN/report.html while a run trains: written at the start, soon after every sample grid and
/// checkpoint, in between when there is something new, and at the end; so too session.json and,
/// with the grids, the pictures beside the page (write_run_pictures()). PagePace says when. Each
/// file is replaced in one step, so that a reader never sees half of it.
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
  /// Draws the pictures; end() says on the page how the run has ended.
  void finish() override;
  /// The last page. @param state "done", "stopped" or "failed". @param message why it failed.
  void end(const std::string& state, const std::string& message = "");

  /// Seconds that all this has taken so far.
  double spent() const { return pace_.spent(); }

 private:
  double now() const;
  void read_past();
  void estimate();
  void write(bool pictures, bool animated = false);
  void guarded(const std::function<void()>& work);

  std::filesystem::path run_;
  RunView view_;
  Warn warn_;
  std::string warned_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double seconds_before_ = 0;  ///< of work before an interruption
  double first_at_ = -1;       ///< when the first loss came, and of which update
  int64_t first_update_ = 0;
  PagePace pace_;
  bool event_ = false;     ///< a grid or checkpoint since the last page
  bool new_grid_ = false;  ///< a grid since the strip was drawn
  bool finished_ = false;
};

}  // namespace mezzotint
