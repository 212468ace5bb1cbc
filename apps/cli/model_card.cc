#include "apps/cli/model_card.h"

#include <fstream>

namespace mezzotint::cli {

std::string licence_of(const std::filesystem::path& folder) {
  std::ifstream card(folder / "README.md");
  std::string line;
  if (!std::getline(card, line) || !line.starts_with("---")) return "";
  while (std::getline(card, line) && !line.starts_with("---")) {
    constexpr std::string_view kKey = "license:";
    if (!line.starts_with(kKey)) continue;
    const size_t begin = line.find_first_not_of(" \t'\"", kKey.size());
    if (begin == std::string::npos) return "";
    return line.substr(begin, line.find_last_not_of(" \t\r'\"") - begin + 1);
  }
  return "";
}

}  // namespace mezzotint::cli
