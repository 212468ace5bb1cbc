// The child says what it has to say in lines of JSON on a pipe: {"seconds": 1.5} after each run,
// then {"peak_rss": bytes, "threads": n, "device": "cpu"}; or {"error": "...", "usage": false}.
#include "apps/cli/bench_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <ATen/Parallel.h>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/resident_memory.h"

#include "apps/cli/device.h"
#include "apps/cli/failure.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

using nlohmann::json;

void say(int pipe, const json& message) {
  const std::string line = message.dump() + "\n";
  size_t done = 0;
  while (done < line.size()) {
    const ssize_t size = write(pipe, line.data() + done, line.size() - done);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) _exit(kExitFailed);  // nobody listens any more
    done += static_cast<size_t>(size);
  }
}

[[noreturn]] void be_the_child(int pipe, const std::string& name, const BenchRequest& request) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);  // of the terminal: the parent decides
  std::signal(SIGTERM, SIG_DFL);
  try {
    const BenchWorkload& workload = Registry<BenchWorkload>::at("workload", name);
    const c10::Device device =
        workload.trains ? prepare_training_device(request.global) : prepare_device(request.global);
    workload.run({request.batch, request.size, request.iters, request.global.seed,
                  request.gradient_checkpointing, device},
                 [pipe](double seconds) {
                   say(pipe, {{"seconds", seconds}});
                 });
    say(pipe, {{"peak_rss", static_cast<double>(peak_resident_memory())},
               {"threads", at::get_num_threads()},
               {"device", device.str()}});
  } catch (...) {
    const Failure failure = describe_failure();
    say(pipe, {{"error", failure.message}, {"usage", failure.exit_code == kExitUsage}});
  }
  _exit(kExitDone);
}

/// A child process, and the reading end of its pipe.
class Child {
 public:
  Child(const std::string& name, const BenchRequest& request) {
    int ends[2];
    MEZZO_CHECK(pipe(ends) == 0, "bench: can't make a pipe: ", std::strerror(errno));
    id_ = fork();
    if (id_ == 0) {
      close(ends[0]);
      be_the_child(ends[1], name, request);
    }
    close(ends[1]);
    pipe_ = ends[0];
    MEZZO_CHECK(id_ > 0, "bench: can't start a process: ", std::strerror(errno));
  }
  ~Child() {
    close(pipe_);
    if (id_ <= 0) return;
    kill(id_, SIGTERM);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// What came of the pipe within a fifth of a second; nothing and `ended` when it was closed.
  std::string read_some(bool& ended) {
    pollfd waiting = {pipe_, POLLIN, 0};
    if (poll(&waiting, 1, 200) <= 0) return "";
    char text[4096];
    const ssize_t size = read(pipe_, text, sizeof text);
    ended = size == 0;
    return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
  }

  /// Waits until the process has ended. @returns its status, as waitpid gives it.
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status;
  }

 private:
  pid_t id_ = 0;
  int pipe_ = -1;
};

/// Takes one message in. @returns whether it was the last.
bool take(const json& message, BenchTimes& times, const OnTime& on_time) {
  if (message.contains("error"))
    throw Error(message.at("error").get<std::string>(),
                message.at("usage").get<bool>() ? ErrorKind::kUsage : ErrorKind::kFailed);
  if (message.contains("seconds")) {
    times.seconds.push_back(message.at("seconds").get<double>());
    on_time(times.seconds.back());
    return false;
  }
  times.peak_rss = message.at("peak_rss").get<double>();
  times.device = message.at("device").get<std::string>();
  times.threads = message.at("threads").get<int>();
  return true;
}

[[noreturn]] void fail_ended(const std::string& name, int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
    fail("bench ", name,
         ": its process was killed, as the system does when memory runs out; try a "
         "smaller --batch");
  fail("bench ", name, ": its process ended before it was done (",
       WIFSIGNALED(status) ? concat("signal ", WTERMSIG(status))
                           : concat("exit code ", WEXITSTATUS(status)),
       ")");
}

}  // namespace

BenchTimes run_in_child(const std::string& name, const BenchRequest& request, const OnTime& on_time,
                        const CancelToken& cancel) {
  Child child(name, request);
  BenchTimes times;
  std::string unread;
  for (bool ended = false; !ended;) {
    if (cancel.cancelled()) throw Error("stopped in bench " + name, ErrorKind::kCancelled);
    unread += child.read_some(ended);
    for (size_t end; (end = unread.find('\n')) != std::string::npos; unread.erase(0, end + 1))
      if (take(json::parse(unread.substr(0, end)), times, on_time)) {
        child.wait();
        return times;
      }
  }
  fail_ended(name, child.wait());
}

}  // namespace mezzotint::cli
