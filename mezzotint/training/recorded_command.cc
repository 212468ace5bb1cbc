#include "mezzotint/training/recorded_command.h"

#include <sstream>

namespace mezzotint {

std::string recorded_verb(const std::string& command_line) {
  std::istringstream words(command_line);
  for (std::string word; words >> word;)
    for (const char* verb : {"train", "finetune", "sweep", "branch"})
      if (word == verb) return word;
  return "";
}

std::string recorded_option(const std::string& command_line, const std::string& name) {
  std::istringstream words(command_line);
  for (std::string word; words >> word;) {
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
    if (word == name && words >> word) return word;
  }
  return "";
}

}  // namespace mezzotint
