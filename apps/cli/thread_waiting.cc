// How the threads of LibTorch's OpenMP wait for each other.
//
// At the end of every parallel loop libgomp's threads spin for milliseconds before they sleep. As
// soon as one other process wants a core that eats the very time that the last thread needs: with
// one busy neighbour on two cores the emoji-32 network ran at 1 GFLOP/s, at 65 when the threads
// sleep at once, at 35 when they spin shortly. On a quiet machine the figures are 97, 49 and 90.
// So: sleep at once when others are running, else spin shortly.
//
// libgomp reads its environment in its constructor, before main. Functions in .preinit_array run
// before any constructor: there the command starts itself anew with the variable set, which costs
// ten milliseconds.
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they aren't ready so early

namespace mezzotint::cli {
namespace {

constexpr size_t kMostVariables = 4096;

/// The value of a variable, or null. getenv's own table may not be there yet.
const char* variable(char** environment, const char* name) {
  const size_t length = std::strlen(name);
  for (; *environment; ++environment)
    if (std::strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
      return *environment + length + 1;
  return nullptr;
}

/// Whether a process beside this one is running, by the fourth field of /proc/loadavg: running/all.
bool others_run() {
  char text[128] = {};
  const int file = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return false;
  const char* field = text;
  for (int spaces = 0; spaces < 3 && *field; ++field) spaces += *field == ' ';
  return std::strtol(field, nullptr, 10) > 1;
}

void start_anew_with_short_spin(int, char** arguments, char** environment) {
  for (const char* name : {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"})
    if (variable(environment, name)) return;
  if (const char* threads = variable(environment, "OMP_NUM_THREADS"))
    if (std::strcmp(threads, "1") == 0) return;

  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length <= 0) return;
  self[length] = '\0';

  static char* changed[kMostVariables];
  size_t count = 0;
  for (; environment[count]; ++count) {
    if (count + 2 >= kMostVariables) return;
    changed[count] = environment[count];
  }
  static char spin[] = "GOMP_SPINCOUNT=1000", sleep[] = "GOMP_SPINCOUNT=0";
  changed[count] = others_run() ? sleep : spin;
  execve(self, arguments, changed);  // returns only when it failed: then all is as it was
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const kBeforeConstructors)(
    int, char**, char**) = start_anew_with_short_spin;

}  // namespace
}  // namespace mezzotint::cli

#endif
