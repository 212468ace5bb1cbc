#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mezzotint/models/text_pattern.h"

namespace mezzotint {

/// How much an adapter counts in each layer, by peft's adapter_config.json: alpha / rank, or alpha
/// / sqrt(rank) with use_rslora (Kalajdzievski 2023, arXiv:2312.03732); ranks and alphas of some
/// layers by rank_pattern and alpha_pattern, whose keys are regular expressions for the end of a
/// layer's name (peft's utils/other.py, get_pattern_key).
class LoraScales {
 public:
  /// Reads the configuration. @throws Error naming `where` for a wrong value, and for what makes
  /// the adapter something else than plain LoRA, by its name.
  LoraScales(const nlohmann::json& config, std::string where);

  /// @param rank of the layer's tensors. @throws Error when the configuration says another.
  double scale(const std::string& module, int64_t rank) const;

 private:
  /// A key of a pattern: a name, or a regular expression.
  struct Rule {
    std::string name;
    std::shared_ptr<const TextPattern> pattern;
    double value;
    bool is_for(const std::string& module) const;
  };
  using Rules = std::vector<Rule>;
  Rules rules_of(const char* name, const nlohmann::json& patterns) const;
  static double value_for(const std::string& module, const Rules& rules, double otherwise);

  std::string where_;
  double rank_ = 8, alpha_ = 8;  // peft's defaults
  bool by_root_ = false;
  Rules ranks_, alphas_;
};

}  // namespace mezzotint
