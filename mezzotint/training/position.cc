#include "mezzotint/training/position.h"

#include <cstdio>

namespace mezzotint {

std::string update_name(int64_t update) {
  char name[32];
  std::snprintf(name, sizeof name, "update-%08lld", static_cast<long long>(update));
  return name;
}

}  // namespace mezzotint
