#include "mezzotint/training/run_entry.h"

#include <chrono>

#include "mezzotint/training/process_mark.h"

namespace mezzotint {
namespace {

constexpr double kSilence = 15 * 60;  // seconds

}  // namespace

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string run_status(const RunEntry& entry) {
  if (entry.status != "running") return entry.status;
  const bool alive = entry.host == host_name() ? process_lives(entry.process)
                                               : now_seconds() - entry.changed < kSilence;
  return alive ? "running" : "interrupted";
}

}  // namespace mezzotint
