#include "apps/cli/resume_settings.h"

#include "mezzotint/base/fields.h"

namespace mezzotint::cli {

nlohmann::json resume_changes(const RunConfig& run, const RunConfig& wanted) {
  const nlohmann::json before = to_json(ResumeSettings{run.training}),
                       now = to_json(ResumeSettings{wanted.training});
  nlohmann::json changes = nlohmann::json::object();
  for (const auto& [name, value] : now.items())
    if (before.at(name) != value) changes[name] = value;
  return changes;
}

}  // namespace mezzotint::cli
