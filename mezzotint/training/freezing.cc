#include "mezzotint/training/freezing.h"

#include <algorithm>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/base/wildcard.h"

namespace mezzotint {
namespace {

/// "unet.conv_in.weight" -> "conv_in.weight".
std::string within_network(const std::string& key) { return key.substr(key.find('.') + 1); }

bool matches(const std::string& pattern, const std::string& key) {
  return matches_wildcard(pattern, key) || matches_wildcard(pattern, within_network(key));
}

bool matches_one_of(const std::vector<std::string>& patterns, const std::string& key) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return matches(pattern, key); });
}

/// "conv_in.*, time_embedding.*, down_blocks.*": what patterns can begin with.
std::string scopes_of(const Weights& parameters) {
  std::vector<std::string> scopes;
  for (const auto& [key, tensor] : parameters) {
    const std::string name = within_network(key);
    const bool deep = name.find('.') != std::string::npos;  // class_emb.weight isn't
    const std::string scope =
        (deep ? name.substr(0, name.find('.')) : key.substr(0, key.find('.'))) + ".*";
    if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
  }
  return joined(scopes);
}

void check_patterns(const char* setting, const std::vector<std::string>& patterns,
                    const Weights& parameters) {
  for (const std::string& pattern : patterns)
    if (std::ranges::none_of(parameters,
                             [&](const auto& item) { return matches(pattern, item.first); }))
      fail_usage(setting, ": no parameter is called '", pattern, "'; there are ",
                 scopes_of(parameters));
}

}  // namespace

bool learns(const std::string& key, const std::vector<std::string>& freeze,
            const std::vector<std::string>& train_only) {
  const bool chosen = train_only.empty() || matches_one_of(train_only, key);
  return chosen && !matches_one_of(freeze, key);
}

void freeze_parameters(const Weights& parameters, const std::vector<std::string>& freeze,
                       const std::vector<std::string>& train_only) {
  check_patterns("freeze", freeze, parameters);
  check_patterns("train_only", train_only, parameters);
  for (const auto& [key, tensor] : parameters)
    if (!learns(key, freeze, train_only)) tensor.requires_grad_(false);
  if (learning_parameters(parameters).empty())
    fail_usage("freeze, train_only: nothing is left that learns");
}

Weights learning_parameters(const Weights& parameters) {
  Weights learning;
  for (const auto& [key, tensor] : parameters)
    if (tensor.requires_grad()) learning.set(key, tensor);
  return learning;
}

}  // namespace mezzotint
