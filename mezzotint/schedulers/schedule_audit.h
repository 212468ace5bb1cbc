#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// Something about a plan that a person may want to know before sampling with it.
struct Finding {
  bool warning;      ///< likely to harm the pictures; else merely worth knowing
  std::string code;  ///< "ddim_stride": for programs; doesn't change
  std::string text;  ///< one line
};

/// Looks a sampling plan over: where it starts and ends, what diffusers' arithmetic makes of it,
/// and what taking another scheduler class than the file's changes.
/// @param config scheduler_config.json as it was read. @param name the scheduler to sample with.
/// @throws Error as make_scheduler() does.
std::vector<Finding> audit_schedule(const nlohmann::json& config, const std::string& name,
                                    int64_t num_inference_steps);

}  // namespace mezzotint
