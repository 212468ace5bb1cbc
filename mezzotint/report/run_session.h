#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mezzotint {

/// session.json of a run folder: how the run stands and what it runs on. It is written together
/// with the live page.
struct RunSession {
  std::string state = "running";  ///< running, done, stopped or failed
  std::string message;            ///< what failed
  int64_t update = 0;
  int64_t updates = 0;  ///< when the run is done
  int64_t images = 0;
  double seconds = 0;        ///< of work, interruptions left out
  double seconds_left = -1;  ///< about; below 0: not known
  int64_t changed = 0;       ///< when all this was so, in seconds since 1970
  std::string version;       ///< of mezzotint
  std::string processor;
  int64_t threads = 0;
  std::vector<std::string> about;  ///< "data: ...", "network: ...": PreparedRun::describe()

  void fields(auto& f) {
    f("state", state);
    f("message", message);
    f("update", update);
    f("updates", updates);
    f("images", images);
    f("seconds", seconds);
    f("seconds_left", seconds_left);
    f("changed", changed);
    f("version", version);
    f("processor", processor);
    f("threads", threads);
    f("about", about);
  }
};

/// Nothing when the run has none. @throws Error naming the file and what is wrong in it.
std::optional<RunSession> read_run_session(const std::filesystem::path& run);
void write_run_session(const std::filesystem::path& run, const RunSession& session);

/// "3:12", "1:03:12", "2 days 1:03:12".
std::string in_hours(double seconds);

}  // namespace mezzotint
