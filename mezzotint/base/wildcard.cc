#include "mezzotint/base/wildcard.h"

#include <fnmatch.h>

namespace mezzotint {

bool matches_wildcard(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

}  // namespace mezzotint
