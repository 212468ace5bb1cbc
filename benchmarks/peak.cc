#include "benchmarks/peak.h"

#include <chrono>
#include <numeric>

#include <ATen/Parallel.h>
#include <ATen/ops/ones.h>

#include "mezzotint/base/tensor.h"

#include "benchmarks/peak_kernels.h"

namespace mezzotint::benchmarks {
namespace {

constexpr int kRepeats = 30;

/// The best rate out of several runs; `run` returns how much it did.
template <class Run>
double best_rate(const Run& run) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int i = 0; i < kRepeats; ++i) {
    const Clock::time_point begin = Clock::now();
    const double done = run();
    best = std::max(best, done / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

double measure_flops() {
  constexpr size_t kRounds = 4'000'000;
  const int64_t threads = at::get_num_threads();
  std::vector<std::vector<float>> sums(static_cast<size_t>(threads),
                                       std::vector<float>(kMostSums, 0.5F));
  std::vector<double> done(sums.size());
  return best_rate([&] {
    at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
      for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
        done[i] = multiply_add(kRounds, sums[i].data());
    });
    return std::accumulate(done.begin(), done.end(), 0.0);
  });
}

double measure_bytes() {
  constexpr int64_t kFloats = int64_t{1} << 26;  // two of 256 MB: beyond any cache
  const Tensor a = at::ones({kFloats}), y = at::ones({kFloats});
  return best_rate([&] {
    at::parallel_for(0, kFloats, kFloats / at::get_num_threads(), [&](int64_t begin, int64_t end) {
      update(a.const_data_ptr<float>() + begin, y.data_ptr<float>() + begin,
             static_cast<size_t>(end - begin));
    });
    return 3.0 * sizeof(float) * kFloats;
  });
}

}  // namespace

const Peak& peak() {
  static const Peak measured{measure_flops(), measure_bytes()};
  return measured;
}

}  // namespace mezzotint::benchmarks
