#include "mezzotint/report/run_session.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"

namespace mezzotint {

std::optional<RunSession> read_run_session(const std::filesystem::path& run) {
  const std::filesystem::path path = run / "session.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  RunSession session;
  from_json(session, read_json(path), path.string());
  return session;
}

void write_run_session(const std::filesystem::path& run, const RunSession& session) {
  write_json(run / "session.json", to_json(session));
}

std::string in_hours(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::clamp(seconds, 0.0, 1e12)));
  const long long days = whole / 86400, hours = whole / 3600 % 24, minutes = whole / 60 % 60;
  char text[64];
  if (days == 0 && hours == 0)
    std::snprintf(text, sizeof text, "%lld:%02lld", minutes, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", hours, minutes, whole % 60);
  return days == 0 ? text : counted(days, "day") + " " + text;
}

}  // namespace mezzotint
