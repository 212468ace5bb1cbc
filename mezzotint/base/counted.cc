#include "mezzotint/base/counted.h"

#include <cstdio>

namespace mezzotint {

std::string in_millions(int64_t count) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f million", static_cast<double>(count) / 1e6);
  return text;
}

}  // namespace mezzotint
