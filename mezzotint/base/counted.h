#pragma once

#include <cstdint>
#include <string>

namespace mezzotint {

/// "1 picture", "3 pictures", "0 pictures"; "1 class", "2 classes" with counted(n, "class", "es").
template <class Integer>
std::string counted(Integer count, const char* noun, const char* ending = "s") {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : ending);
}

/// "1.57 million".
std::string in_millions(int64_t count);

}  // namespace mezzotint
