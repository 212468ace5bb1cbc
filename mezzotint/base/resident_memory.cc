#include "mezzotint/base/resident_memory.h"

#include <fstream>

#include <unistd.h>

namespace mezzotint {

int64_t resident_memory() {
  std::ifstream file("/proc/self/statm");
  int64_t pages = 0, resident = 0;
  if (!(file >> pages >> resident)) return 0;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace mezzotint
