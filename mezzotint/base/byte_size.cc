#include "mezzotint/base/byte_size.h"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace mezzotint {

std::optional<size_t> byte_size(std::string_view text) {
  constexpr std::string_view kUnits = "KMG";
  double count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count, std::chars_format::fixed);
  if (error != std::errc() || !(count >= 0)) return std::nullopt;
  std::string_view unit(stop, static_cast<size_t>(end - stop));
  double factor = 1;
  if (const size_t at = unit.empty() ? std::string_view::npos : kUnits.find(unit[0] & ~0x20);
      at != std::string_view::npos) {
    unit.remove_prefix(1);
    factor = std::pow(unit == "iB" ? 1024.0 : 1000.0, static_cast<double>(at + 1));
    if (unit == "iB" || unit == "B") unit = {};
  }
  const double bytes = count * factor;
  if (!unit.empty() || bytes >= static_cast<double>(SIZE_MAX) || bytes != std::floor(bytes))
    return std::nullopt;
  return static_cast<size_t>(bytes);
}

}  // namespace mezzotint
