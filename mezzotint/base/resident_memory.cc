#include "mezzotint/base/resident_memory.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

namespace mezzotint {

int64_t resident_memory() {
  std::ifstream file("/proc/self/statm");
  int64_t pages = 0, resident = 0;
  if (!(file >> pages >> resident)) return 0;
  return resident * ::sysconf(_SC_PAGESIZE);
}

int64_t peak_resident_memory() {
  // Not getrusage's ru_maxrss, which a process takes over from the one that started it.
  constexpr std::string_view kName = "VmHWM:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(kName))
      return 1024 * std::strtoll(line.c_str() + kName.size(), nullptr, 10);
  return 0;
}

}  // namespace mezzotint
