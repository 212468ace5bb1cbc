#include "mezzotint/report/svg_identifiers.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string_view>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// What stands before an identifier in what Cairo writes.
constexpr std::array<std::string_view, 3> kBefore = {"id=\"", "xlink:href=\"#", "url(#"};

bool part_of_identifier(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

/// Calls with every identifier in turn and writes what `rename` makes of it.
template <class Rename>
std::string renamed(const std::string& svg, const Rename& rename) {
  std::string out;
  size_t i = 0;
  while (i < svg.size()) {
    std::string_view found;
    for (const std::string_view before : kBefore)
      if (svg.compare(i, before.size(), before) == 0) found = before;
    if (found.empty()) {
      out.push_back(svg[i++]);
      continue;
    }
    size_t end = i + found.size();
    while (end < svg.size() && part_of_identifier(svg[end])) ++end;
    out += found;
    out += rename(svg.substr(i + found.size(), end - i - found.size()));
    i = end;
  }
  return out;
}

std::string hash_of(const std::string& text) {
  uint32_t hash = 0x811c9dc5u;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x01000193u;
  char hex[9];
  std::snprintf(hex, sizeof hex, "%08x", hash);
  return hex;
}

}  // namespace

std::string with_own_identifiers(const std::string& svg) {
  std::map<std::string, std::string> numbers;
  const auto number = [&numbers](const std::string& name) {
    return numbers.emplace(name, std::to_string(numbers.size())).first->second;
  };
  const std::string counted = renamed(svg, number);
  const std::string prefix = concat("p", hash_of(counted), "-");
  return renamed(counted, [&prefix](const std::string& name) { return prefix + name; });
}

}  // namespace mezzotint
