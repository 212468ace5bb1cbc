// Times single operations: build/release/op_benchmarks [--benchmark_filter=REGEX] ...
#include <string>
#include <vector>

#include <ATen/Parallel.h>

#include "mezzotint/base/caching_allocator.h"

#include "benchmarks/op.h"
#include "benchmarks/peak.h"

int main(int argc, char** argv) {
  using namespace mezzotint::benchmarks;
  mezzotint::use_caching_allocator();  // as the command does
  std::vector<char*> arguments(argv, argv + argc);
  char quick[] = "--benchmark_min_time=0.2";  // unless a later one says otherwise
  arguments.insert(arguments.begin() + 1, quick);
  int count = argc + 1;
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  register_conv2d();
  register_residual();
  register_group_norm();
  register_attention();
  register_optimizer();
  benchmark::AddCustomContext("threads", std::to_string(at::get_num_threads()));
  benchmark::AddCustomContext("peak_gflops", std::to_string(peak().flops / 1e9));
  benchmark::AddCustomContext("peak_gbytes", std::to_string(peak().bytes / 1e9));
  benchmark::RunSpecifiedBenchmarks();
}
