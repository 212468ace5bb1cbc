#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mezzotint/report/trace.h"
#include "mezzotint/training/record.h"
#include "mezzotint/training/record_files.h"

namespace mezzotint {

/// What a run has logged, as far as a page of it shows it, in memory that doesn't grow with the
/// run: numbers as traces, where sample grids were drawn, what happened on the way.
class RunHistory {
 public:
  /// Records in the order of the run. One from before the newest (the run went back to a
  /// checkpoint) makes what lay between forgotten.
  void add(const Record& record);
  /// Adds all of a metrics.jsonl; nothing when there is no such file. What is no record is passed
  /// over (bad_lines()).
  void read(const std::filesystem::path& metrics);

  /// Where the newest record stands.
  const Position& position() const { return position_; }
  /// What read() passed over.
  const BadLines& bad_lines() const { return bad_lines_; }
  /// By the record's name.
  const std::map<std::string, Trace>& traces() const { return traces_; }
  /// Null when nothing was logged under this name.
  const Trace* trace(const std::string& name) const;
  /// Images seen at the updates that pictures were logged at.
  const std::map<int64_t, int64_t>& images_at() const { return images_at_; }

  struct Event {
    Position at;
    std::string name;  ///< the record's: "resumed", "skipped", "rolled_back"
    std::string text;
  };
  /// The newest 30, oldest first. Checkpoints aren't among them.
  const std::vector<Event>& events() const { return events_; }

 private:
  void go_back(const Position& to);

  Position position_;
  BadLines bad_lines_;
  std::map<std::string, Trace> traces_;
  std::map<int64_t, int64_t> images_at_;
  std::vector<Event> events_;
};

}  // namespace mezzotint
