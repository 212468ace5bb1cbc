#include "apps/cli/recipe.h"

#include <filesystem>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint::cli {
namespace {

/// "DDIMScheduler" -> "DDIM".
std::string sampler_name(std::string scheduler) {
  constexpr std::string_view kEnding = "Scheduler";
  if (scheduler.ends_with(kEnding)) scheduler.resize(scheduler.size() - kEnding.size());
  return scheduler;
}

/// ", Lora hashes: \"style: 0123456789, ...\"", as other tools write it.
std::string lora_hashes(const nlohmann::json& recipe) {
  std::vector<std::string> hashes;
  for (const nlohmann::json& lora : recipe.value("loras", nlohmann::json::array()))
    hashes.push_back(std::filesystem::path(lora.at("path").get<std::string>())
                         .lexically_normal()
                         .stem()
                         .string() +
                     ": " + lora.at("sha256").get<std::string>().substr(0, 10));
  return hashes.empty() ? "" : ", Lora hashes: \"" + joined(hashes) + "\"";
}

}  // namespace

std::string recipe_text(const nlohmann::json& recipe) {
  return recipe.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::map<std::string, std::string> recipe_chunks(const nlohmann::json& recipe) {
  const auto text = [&](const char* key) { return recipe.at(key).get<std::string>(); };
  // The first line of the convention is the prompt; these models have none.
  const std::string parameters =
      concat("\nSteps: ", recipe.at("steps"), ", Sampler: ", sampler_name(text("scheduler")),
             ", Seed: ", recipe.contains("seed") ? recipe.at("seed") : recipe.at("seeds").at(0),
             ", Size: ", recipe.at("width"), "x", recipe.at("height"), ", Model: ", text("model"),
             ", Model hash: ", text("model_sha256").substr(0, 10), lora_hashes(recipe),
             ", Version: ", text("version"));
  return {{"parameters", parameters}, {"mezzotint", recipe_text(recipe)}};
}

}  // namespace mezzotint::cli
