#include "benchmarks/op.h"

#include <chrono>

#include "benchmarks/peak.h"

namespace mezzotint::benchmarks {
namespace {

void report(benchmark::State& state, const Work& work, double seconds) {
  const double calls = static_cast<double>(state.iterations()) / seconds;
  state.counters["flops"] = work.flops;
  state.counters["bytes"] = work.bytes;
  if (work.flops > 0) {
    state.counters["GFLOP/s"] = work.flops * calls / 1e9;
    state.counters["of_flops_peak"] = work.flops * calls / peak().flops;
  }
  state.counters["GB/s"] = work.bytes * calls / 1e9;
  state.counters["of_bytes_peak"] = work.bytes * calls / peak().bytes;
}

void run(benchmark::State& state, ops::Engine engine, const Work& work, const Prepare& prepare) {
  using Clock = std::chrono::steady_clock;
  const ops::EngineGuard guard(engine);
  const std::function<void()> call = prepare();
  call();  // allocates, and lets the kernels choose
  const Clock::time_point begin = Clock::now();
  for (auto _ : state) call();
  report(state, work, std::chrono::duration<double>(Clock::now() - begin).count());
}

}  // namespace

void register_op(const std::string& name, const std::string& shape, const Work& work,
                 const Prepare& prepare) {
  for (const auto& [word, engine] :
       {std::pair("fast", ops::Engine::kFast), std::pair("reference", ops::Engine::kReference)})
    benchmark::RegisterBenchmark((name + "/" + word + "/" + shape).c_str(),
                                 [engine = engine, work, prepare](benchmark::State& state) {
                                   run(state, engine, work, prepare);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

}  // namespace mezzotint::benchmarks
