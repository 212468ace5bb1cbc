#include "mezzotint/schedulers/scheduler.h"

#include <cctype>
#include <string_view>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

constexpr std::string_view kSuffix = "Scheduler";

/// "DDIMScheduler", "ddim", "DDIM" -> "ddim".
std::string short_name(std::string_view name) {
  if (name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
  std::string lower;
  for (const unsigned char c : name)
    if (c != '-' && c != '_') lower.push_back(static_cast<char>(std::tolower(c)));
  return lower;
}

std::string known_schedulers() {
  std::vector<std::string> known;
  for (const std::string& name : Registry<SchedulerFactory>::names())
    known.push_back(concat(short_name(name), " (", name, ")"));
  return joined(known);
}

}  // namespace

std::vector<std::string> short_scheduler_names() {
  std::vector<std::string> names;
  for (const std::string& name : Registry<SchedulerFactory>::names())
    names.push_back(short_name(name));
  return names;
}

std::string scheduler_class_name(const std::string& name) {
  const std::vector<std::string> classes = Registry<SchedulerFactory>::names();
  std::vector<std::string> candidates = classes;
  for (const std::string& candidate : classes) {
    if (short_name(candidate) == short_name(name)) return candidate;
    candidates.push_back(short_name(candidate));
  }
  fail_usage("unknown scheduler '", name, "'", did_you_mean(name, candidates),
             "; known: ", known_schedulers());
}

SchedulerPtr make_scheduler(const std::string& name, const nlohmann::json& config,
                            int64_t num_inference_steps, const StepOptions& options) {
  const std::string class_name = scheduler_class_name(name);
  return Registry<SchedulerFactory>::at("scheduler", class_name)(config, num_inference_steps,
                                                                 options);
}

}  // namespace mezzotint
