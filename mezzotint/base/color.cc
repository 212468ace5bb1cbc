#include "mezzotint/base/color.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "mezzotint/base/color_names.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

constexpr const char* kWanted = "wanted #rrggbb, such as #ffffff, or a CSS name, such as white";

std::optional<Rgb> from_digits(const std::string& digits) {
  const bool is_short = digits.size() == 3;
  if (!is_short && digits.size() != 6) return std::nullopt;
  Rgb rgb{};
  for (size_t c = 0; c < 3; ++c) {
    const std::string pair = {digits[is_short ? c : 2 * c], digits[is_short ? c : 2 * c + 1]};
    if (!std::isxdigit(static_cast<unsigned char>(pair[0])) ||
        !std::isxdigit(static_cast<unsigned char>(pair[1])))
      return std::nullopt;
    rgb[c] = static_cast<uint8_t>(std::stoi(pair, nullptr, 16));
  }
  return rgb;
}

}  // namespace

Rgb parse_color(const std::string& text) {
  if (text.starts_with("#")) {
    if (const std::optional<Rgb> rgb = from_digits(text.substr(1))) return *rgb;
    fail_usage("colour '", text, "': ", kWanted);
  }
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::vector<std::string> names;
  for (const ColorName& color : kColorNames) {
    if (color.name == lower)
      return {static_cast<uint8_t>(color.rgb >> 16), static_cast<uint8_t>(color.rgb >> 8 & 0xff),
              static_cast<uint8_t>(color.rgb & 0xff)};
    names.emplace_back(color.name);
  }
  fail_usage("colour '", text, "': ", kWanted, did_you_mean(text, names));
}

}  // namespace mezzotint
