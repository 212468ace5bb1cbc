#include "mezzotint/base/version.h"

namespace mezzotint {

const char* version() { return MEZZOTINT_VERSION; }

}  // namespace mezzotint
