#include "apps/cli/cpu_name.h"

#include <fstream>

namespace mezzotint::cli {

/// What stands behind the first line of this name in /proc/cpuinfo.
static std::string cpu_info(const std::string& name) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with(name) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

std::string cpu_name() {
  const std::string name = cpu_info("model name");
  return name.empty() ? "unknown" : name;
}

bool cpu_has_avx512() { return cpu_info("flags").find("avx512f") != std::string::npos; }

}  // namespace mezzotint::cli
