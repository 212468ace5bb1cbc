#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/training/run_entry.h"

// A run as its verbs show it: `runs`, `runs show`, `runs compare`, `sweep`.
namespace mezzotint::cli {

/// "0.03121", or "-" where there is none.
std::string number_cell(const std::optional<double>& number);
/// "120/240", or "120" when how many will be isn't known or has been reached.
std::string updates_cell(const RunEntry& entry);
/// "12:03", or "-" where it isn't known: it is written with checkpoints.
std::string time_cell(const RunEntry& entry);
/// "done", "running (gone)": gone says that the folder isn't there any more.
std::string status_cell(const RunEntry& entry);
bool run_is_gone(const RunEntry& entry);
/// "diffusion", "from emoji-32", "clip from runs/first": what is trained, and from what.
std::string recipe_cell(const RunEntry& entry);
/// The setting of that name, or "-".
std::string setting_cell(const RunEntry& entry, const std::string& name);
/// Below the current folder without it, in the home with ~, else whole.
std::string path_cell(const std::string& path);
/// "50 s", "12 min", "3 h", "5 d".
std::string age_cell(double since);
/// "2026-05-01 14:03", in local time.
std::string date_cell(double seconds_since_1970);

/// The entry for --json: its status as it is now, whether its folder is gone, and no process.
nlohmann::json run_document(const RunEntry& entry);

}  // namespace mezzotint::cli
