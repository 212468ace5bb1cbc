#include "apps/cli/lora_option.h"

#include <cmath>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/field_text.h"
#include "mezzotint/io/sha256.h"
#include "mezzotint/pipelines/lora_file.h"

namespace mezzotint::cli {

CLI::Option* add_lora_option(CLI::App& app, std::vector<std::string>& values) {
  return app
      .add_option(
          "--lora", values,
          "an adapter's folder, peft's or a run's, with :SCALE behind it for how much; may be "
          "given several times")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

LoraUse parse_lora_use(const std::string& text) {
  const size_t colon = text.rfind(':');
  std::error_code none;
  if (colon == std::string::npos || std::filesystem::exists(text, none)) return {text};
  const std::string scale = text.substr(colon + 1);
  const nlohmann::json number = json_from_text<double>(scale);
  if (colon == 0 || !number.is_number() || !std::isfinite(number.get<double>()))
    fail_usage("--lora: got '", text, "', wanted DIR or DIR:SCALE with a number, such as DIR:0.8");
  return {text.substr(0, colon), number.get<double>()};
}

nlohmann::json merge_loras(const Pipeline& pipeline, const std::vector<std::string>& values) {
  std::vector<LoraUse> uses;
  for (const std::string& value : values) uses.push_back(parse_lora_use(value));
  nlohmann::json recipe = nlohmann::json::array();
  for (const LoraUse& use : uses) {
    const LoraFile file = load_lora(use.path);
    merge_into(pipeline.unet->parameters(), file.adapter, use.scale, use.path);
    recipe.push_back({{"path", use.path},
                      {"scale", use.scale},
                      {"sha256", file_sha256(file.path)},
                      {"rank", file.ranks()},
                      {"layers", file.adapter.size()}});
  }
  return recipe;
}

}  // namespace mezzotint::cli
