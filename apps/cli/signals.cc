#include "apps/cli/signals.h"

#include <atomic>

#include <signal.h>
#include <unistd.h>

namespace mezzotint::cli {
namespace {

std::atomic<int> caught{0};

CancelToken& token() {
  static CancelToken cancel;
  return cancel;
}

/// Only what may be done in a handler: atomic stores and write().
void on_signal(int signal) {
  if (caught.exchange(signal) != 0) _exit(128 + signal);
  token().cancel();
  constexpr char kMessage[] = "\nmezzotint: stopping at the next step; once more stops at once\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
}

}  // namespace

void stop_on_signals(const CancelToken& cancel) {
  token() = cancel;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaction(signal, &action, nullptr);
  struct sigaction hang_up = {};  // a lost terminal; nohup has it ignored
  if (sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
    sigaction(SIGHUP, &action, nullptr);
  ::signal(SIGXFSZ, SIG_IGN);  // a file beyond its limit is an error of write(), said as one
}

int caught_signal() { return caught.load(); }

}  // namespace mezzotint::cli
