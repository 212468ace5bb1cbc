#include "mezzotint/guidance/prompts.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

std::string stripped(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

Prompt parse_one(const std::string& part) {
  const size_t colon = part.rfind(':');
  if (colon == std::string::npos) return {stripped(part), 1};
  const std::string number = stripped(part.substr(colon + 1));
  char* end = nullptr;
  const double weight = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !std::isfinite(weight)) return {stripped(part), 1};
  return {stripped(part.substr(0, colon)), weight};
}

}  // namespace

std::vector<Prompt> parse_prompts(const std::string& text, const std::string& where) {
  std::vector<Prompt> prompts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t bar = std::min(text.find('|', begin), text.size());
    const Prompt prompt = parse_one(text.substr(begin, bar - begin));
    begin = bar + 1;
    if (prompt.text.empty())
      fail_usage(where, ": got an empty prompt in '", text,
                 "', wanted such as: red rose | blurry:-1");
    if (prompt.weight == 0) fail_usage(where, ": the weight of '", prompt.text, "' is 0");
    prompts.push_back(prompt);
  }
  return prompts;
}

}  // namespace mezzotint
