#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <c10/core/Device.h>

namespace mezzotint::cli {

/// What a workload is run with.
struct BenchSettings {
  int64_t batch;
  int64_t size;   ///< height and width in pixels
  int64_t iters;  ///< timed runs
  uint64_t seed;
  bool gradient_checkpointing;  ///< where the network's gradients are made
  c10::Device device;
};

/// Called after each run that counts, with the seconds that it took.
using OnTime = std::function<void(double seconds)>;

/// One thing that `bench` times, in a process of its own. A file defines how it runs and registers
/// it with `const Registered<BenchWorkload> kSample("sample-...", {...});`.
struct BenchWorkload {
  std::string summary;  ///< what one run is, for --help
  int64_t batch;        ///< unless --batch says otherwise
  int64_t size;         ///< unless --size does
  int64_t multiple;     ///< of which the size must be one
  bool trains;          ///< then it runs on the CPU only
  /// Makes the network with random weights, runs once to warm up and then `iters` times.
  std::function<void(const BenchSettings&, const OnTime&)> run;
};

/// Times laps: the first, in which memory is allocated and kernels are chosen, isn't reported.
class Laps {
 public:
  explicit Laps(OnTime on_time) : on_time_(std::move(on_time)), begin_(Clock::now()) {}

  /// A run is done, and the next begins.
  void lap() {
    const Clock::time_point now = Clock::now();
    if (warm_) on_time_(std::chrono::duration<double>(now - begin_).count());
    warm_ = true;
    begin_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  OnTime on_time_;
  Clock::time_point begin_;
  bool warm_ = false;
};

}  // namespace mezzotint::cli
