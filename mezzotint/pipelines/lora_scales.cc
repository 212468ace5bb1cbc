#include "mezzotint/pipelines/lora_scales.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "mezzotint/base/fields.h"

namespace mezzotint {
namespace {

using nlohmann::json;

/// More and longer ones are no configuration.
constexpr size_t kMostRules = 10000, kLongestPattern = 1000;

struct PeftConfig {
  std::string peft_type;
  int64_t r = 8;
  double lora_alpha = 8;
  std::optional<bool> use_rslora;
  json rank_pattern = json::object();
  json alpha_pattern = json::object();
  void fields(auto& f) {
    f("peft_type", peft_type, "the kind of adapter");
    f("r", r, "rank");
    f("lora_alpha", lora_alpha, "the adapter counts alpha / rank times");
    f("use_rslora", use_rslora, "alpha / sqrt(rank) times");
    f("rank_pattern", rank_pattern, "other ranks");
    f("alpha_pattern", alpha_pattern, "other alphas");
  }
};

/// Settings that change what the tensors mean, and the names of the variants that they make.
constexpr std::pair<const char*, const char*> kVariants[] = {
    {"use_dora", "DoRA"},
    {"use_qalora", "QA-LoRA"},
    {"use_bdlora", "BD-LoRA"},
    {"lora_bias", "LoRA with biases"},
    {"fan_in_fan_out", "LoRA of transposed weights"},
    {"modules_to_save", "LoRA beside whole layers"},
    {"layer_replication", "LoRA with layers repeated"},
    {"target_parameters", "LoRA of parameters that aren't layers"},
    {"trainable_token_indices", "LoRA with trained tokens"},
    {"alora_invocation_tokens", "aLoRA"},
    {"arrow_config", "Arrow"},
    {"kasa_config", "KaSA"},
    {"monteclora_config", "MonteCLoRA"},
};

bool is_set(const json& config, const char* key) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return false;
  if (found->is_boolean()) return found->get<bool>();
  return !(found->is_array() || found->is_object()) || !found->empty();
}

void refuse_variants(const json& config, const PeftConfig& read, const std::string& where) {
  MEZZO_CHECK(read.peft_type == "LORA", where, ": peft_type is '", read.peft_type,
              "', wanted LORA; other kinds aren't read");
  for (const auto& [key, name] : kVariants)
    MEZZO_CHECK(!is_set(config, key), where, ": is ", name, " (", key,
                " is set); only plain LoRA is read");
  const json start = config.value("init_lora_weights", json(true));
  const std::string name = start.is_string() ? start.get<std::string>() : "";
  // These take something out of the network's own weights when they start.
  for (const char* changes : {"pissa", "olora", "corda", "loftq", "mica", "lora_ga"})
    MEZZO_CHECK(!name.starts_with(changes), where, ": init_lora_weights is ", name,
                ", which changes the network's weights too; save it from peft as plain LoRA "
                "(path_initial_model_for_weight_conversion)");
}

PeftConfig read_config(const json& config, const std::string& where) {
  PeftConfig read;
  try {
    from_json(read, config, where);
  } catch (const Error& error) {
    throw Error(error.what());  // a file is wrong, not the command line
  }
  return read;
}

bool is_name(const std::string& text) {
  return std::ranges::all_of(
      text, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.'; });
}

}  // namespace

LoraScales::LoraScales(const json& config, std::string where) : where_(std::move(where)) {
  const PeftConfig read = read_config(config, where_);
  refuse_variants(config, read, where_);
  MEZZO_CHECK(read.r > 0, where_, ": r: got ", read.r, ", wanted at least 1");
  rank_ = static_cast<double>(read.r);
  alpha_ = read.lora_alpha;
  by_root_ = read.use_rslora.value_or(false);
  ranks_ = rules_of("rank_pattern", read.rank_pattern);
  alphas_ = rules_of("alpha_pattern", read.alpha_pattern);
}

LoraScales::Rules LoraScales::rules_of(const char* name, const json& patterns) const {
  if (patterns.is_null()) return {};
  MEZZO_CHECK(patterns.is_object() && patterns.size() <= kMostRules, where_, ": ", name,
              ": wanted an object of numbers");
  Rules rules;
  for (const auto& [key, value] : patterns.items()) {
    MEZZO_CHECK(value.is_number() && key.size() <= kLongestPattern, where_, ": ", name,
                ": wanted names of layers with a number each");
    Rule rule{key, nullptr, value.get<double>()};
    if (!is_name(key)) {
      try {
        rule.pattern = std::make_shared<TextPattern>("^(?:.*\\.)?(?:" + key + ")$");
      } catch (const Error& error) {
        fail(where_, ": ", name, ": ", key, ": ", error.what());
      }
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

bool LoraScales::Rule::is_for(const std::string& module) const {
  if (!pattern) return module == name || module.ends_with("." + name);
  bool found = false;
  pattern->each_match(module, [&found](size_t, size_t) {
    found = true;
    return false;
  });
  return found;
}

double LoraScales::value_for(const std::string& module, const Rules& rules, double otherwise) {
  const auto rule = std::ranges::find_if(rules, [&](const Rule& r) { return r.is_for(module); });
  return rule == rules.end() ? otherwise : rule->value;
}

double LoraScales::scale(const std::string& module, int64_t rank) const {
  const double said = value_for(module, ranks_, rank_), alpha = value_for(module, alphas_, alpha_);
  MEZZO_CHECK(said == static_cast<double>(rank), where_, ": says rank ", said, " for ", module,
              ", whose lora_A has rank ", rank);
  MEZZO_CHECK(std::isfinite(alpha), where_, ": lora_alpha of ", module, " is ", alpha);
  return alpha / (by_root_ ? std::sqrt(said) : said);
}

}  // namespace mezzotint
