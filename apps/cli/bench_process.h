#pragma once

#include <string>
#include <vector>

#include "mezzotint/base/cancel.h"

#include "apps/cli/bench_workload.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// What a child process is asked for.
struct BenchRequest {
  int64_t batch;
  int64_t size;
  int64_t iters;
  bool gradient_checkpointing;
  GlobalOptions global;
};

/// What a workload took.
struct BenchTimes {
  std::vector<double> seconds;  ///< of each run that counts, in their order
  double peak_rss = 0;          ///< bytes that its process held in memory at most (VmHWM)
  std::string device;
  int threads = 0;
};

/// Runs the workload in a child process, so that its peak memory is its own. `on_time` is called
/// here after each run.
/// @throws Error as the workload does, or when the process is killed; kCancelled when stopped.
BenchTimes run_in_child(const std::string& name, const BenchRequest& request, const OnTime& on_time,
                        const CancelToken& cancel);

}  // namespace mezzotint::cli
