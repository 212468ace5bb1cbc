#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace mezzotint {

using Rgb = std::array<uint8_t, 3>;

/// "#rrggbb", "#rgb", or one of the 148 names of CSS Color Module Level 4 ("tomato"), in any case.
/// @throws Error (kUsage) for anything else, naming the nearest name.
Rgb parse_color(const std::string& text);

}  // namespace mezzotint
