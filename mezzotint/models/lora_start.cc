#include "mezzotint/models/lora_start.h"

#include <algorithm>
#include <cmath>

#include "mezzotint/base/suggest.h"
#include "mezzotint/base/wildcard.h"
#include "mezzotint/models/params.h"

namespace mezzotint {
namespace {

/// Beyond this a change of most layers isn't of low rank any more.
constexpr int64_t kHighestRank = 4096;

std::vector<std::string> patterns_of(const std::string& target) {
  if (target == "attention") return {"to_q", "to_k", "to_v", "to_out.0"};
  if (target == "conv") return {"conv1", "conv2", "conv_shortcut", "*samplers.*.conv"};
  return {target};
}

bool is_meant(const std::string& module, const std::string& target) {
  return std::ranges::any_of(patterns_of(target), [&](const std::string& pattern) {
    return matches_wildcard(pattern, module) || matches_wildcard("*." + pattern, module);
  });
}

/// What a target could have been: names of layers, and their last parts.
std::vector<std::string> possible_targets(const std::vector<std::string>& modules) {
  std::vector<std::string> names = {"attention", "conv"};
  for (const std::string& module : modules) names.push_back(module.substr(module.rfind('.') + 1));
  names.insert(names.end(), modules.begin(), modules.end());
  return names;
}

/// A weight of this shape under the name `part`, as torch starts it or zero.
Tensor start(const Params& layer, const char* part, const std::vector<int64_t>& shape, Init init) {
  int64_t fan_in = 1;
  for (size_t i = 1; i < shape.size(); ++i) fan_in *= shape[i];
  return (layer / part).get("weight", shape, init, static_cast<double>(fan_in));
}

}  // namespace

void validate(const LoraConfig& config) {
  if (config.rank < 0 || config.rank > kHighestRank)
    fail_usage("lora: rank: got ", config.rank, ", wanted 0 to ", kHighestRank);
  if (!(config.alpha >= 0 && std::isfinite(config.alpha)))
    fail_usage("lora: alpha: got ", config.alpha, ", wanted 0 or more");
  if (config.rank > 0 && config.targets.empty())
    fail_usage("lora: targets: got none, wanted attention, conv or names of layers");
}

std::vector<std::string> lora_targets(const Weights& parameters,
                                      const std::vector<std::string>& targets) {
  const std::vector<std::string> modules = adaptable_modules(parameters);
  for (const std::string& target : targets)
    if (std::ranges::none_of(modules, [&](const auto& module) { return is_meant(module, target); }))
      fail_usage("lora: targets: '", target, "' names no linear or convolutional layer",
                 did_you_mean(target, possible_targets(modules)));
  std::vector<std::string> meant;
  for (const std::string& module : modules)
    if (std::ranges::any_of(targets, [&](const auto& target) { return is_meant(module, target); }))
      meant.push_back(module);
  return meant;
}

LoraAdapter start_lora(const Weights& parameters, const LoraConfig& config, RandomStream stream) {
  validate(config);
  const Params params = Params::initialised(std::move(stream));
  LoraAdapter adapter;
  for (const std::string& module : lora_targets(parameters, config.targets)) {
    std::vector<int64_t> a = parameters.at(module + ".weight").sizes().vec(), b = a;
    a[0] = b[1] = config.rank;
    for (size_t i = 2; i < b.size(); ++i) b[i] = 1;
    const Params layer = params / module;
    adapter.set(module, {start(layer, "lora_A", a, Init::kUniform),
                         start(layer, "lora_B", b, Init::kZeros), config.scale()});
  }
  return adapter;
}

}  // namespace mezzotint
