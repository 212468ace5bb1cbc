#include "mezzotint/training/process_mark.h"

#include <fstream>
#include <sstream>

#include <unistd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/whole_number.h"

namespace mezzotint {
namespace {

/// Field 22 of /proc/PID/stat: proc(5). Empty when there is no such process, or it is dead and only
/// waits for its parent to notice.
std::string start_ticks(int64_t process) {
  std::ifstream file(concat("/proc/", process, "/stat"));
  std::string line;
  std::getline(file, line);
  const size_t name_end = line.rfind(')');  // the name, field 2, may hold anything
  if (name_end == std::string::npos) return "";
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22 && fields >> field; ++number)
    if (number == 3 && (field == "Z" || field == "X")) return "";
  return fields ? field : "";
}

std::string boot() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string name;
  std::getline(file, name);
  return name;
}

std::string mark_of(int64_t process) {
  const std::string ticks = start_ticks(process);
  return ticks.empty() ? "" : concat(process, " ", ticks, " ", boot());
}

}  // namespace

std::string process_mark() { return mark_of(getpid()); }

bool process_lives(const std::string& mark) {
  const std::optional<int64_t> process = whole_number(mark.substr(0, mark.find(' ')));
  return process && mark_of(*process) == mark;
}

std::string host_name() {
  char name[256] = "";
  return gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

}  // namespace mezzotint
