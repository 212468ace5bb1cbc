#pragma once

#include <string>
#include <vector>

namespace mezzotint {

/// What to steer towards (weight above 0) or away from (below 0).
struct Prompt {
  std::string text;
  double weight = 1;
};

/// "red rose", "red rose | painting:0.5 | blurry:-1": prompts apart by |, each with a weight after
/// its last colon where what stands there is a number.
/// @throws Error (kUsage) that names `where`, for an empty prompt or a weight of 0.
std::vector<Prompt> parse_prompts(const std::string& text, const std::string& where);

}  // namespace mezzotint
