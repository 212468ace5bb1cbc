#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "mezzotint/io/database.h"
#include "mezzotint/training/run_entry.h"

namespace mezzotint {

/// A list of training runs in a SQLite file: a row for each run folder. Several processes may use
/// it at once. It holds nothing to sign in with (without_secrets.h), and losing it loses no run:
/// the folders have everything.
class RunIndex {
 public:
  /// kWrite makes file and table when they are missing; the folder must exist. @throws Error naming
  /// the file, here and below, as Database does; also when it belongs to another program or to a
  /// later version of this one.
  RunIndex(const std::filesystem::path& file, Database::Access access);

  /// Adds the run, or replaces what is known of that folder. @return its number.
  int64_t put(const RunEntry& entry);
  /// All runs, the latest started first.
  std::vector<RunEntry> runs();
  std::optional<RunEntry> find(const std::filesystem::path& folder);
  /// Takes the row away. @return whether there was one.
  bool forget(int64_t id);

 private:
  std::vector<RunEntry> select(const std::string& condition,
                               const std::vector<nlohmann::json>& values);
  void make_table();
  void check_table();

  std::filesystem::path file_;
  Database database_;
};

}  // namespace mezzotint
