#include "apps/cli/run_index_place.h"

#include <cstdlib>
#include <string>

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

fs::path run_index_place() {
  if (const std::string file = variable("MEZZOTINT_RUNS"); !file.empty())
    return file == "off" ? fs::path() : fs::path(file);
  if (const std::string data = variable("XDG_DATA_HOME"); !data.empty())
    return fs::path(data) / "mezzotint" / "runs.sqlite";
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".local/share/mezzotint/runs.sqlite";
}

}  // namespace mezzotint::cli
