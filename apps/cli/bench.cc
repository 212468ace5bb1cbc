// `mezzotint bench [WORKLOAD...]`: how fast this machine is on networks of known size.
#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/base/version.h"

#include "apps/cli/bench_process.h"
#include "apps/cli/bench_table.h"
#include "apps/cli/cpu_name.h"
#include "apps/cli/options.h"
#include "apps/cli/progress.h"

namespace mezzotint::cli {
namespace {

using nlohmann::json;

struct Options {
  std::vector<std::string> workloads;
  int64_t batch = 0;  ///< 0: each workload's own
  int64_t size = 0;   ///< the same
  int64_t iters = 5;
  bool gradient_checkpointing = false;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

json measure(const std::string& name, const Options& options, const Context& context) {
  const BenchWorkload& workload = Registry<BenchWorkload>::at("workload", name);
  const BenchRequest request{options.batch ? options.batch : workload.batch,
                             options.size ? options.size : workload.size, options.iters,
                             options.gradient_checkpointing, context.global};
  Progress progress(context.console, name, static_cast<size_t>(options.iters), "run");
  size_t done = 0;
  const auto after_run = [&](double seconds) {
    progress.update(++done, duration_text(seconds) + " a run");
  };
  const BenchTimes times = run_in_child(name, request, after_run, context.cancel);
  return {{"name", name},
          {"batch", request.batch},
          {"size", request.size},
          {"iters", times.seconds.size()},
          {"median_s", median(times.seconds)},
          {"min_s", std::ranges::min(times.seconds)},
          {"seconds", times.seconds},
          {"device", times.device},
          {"threads", times.threads},
          {"peak_rss_mb", times.peak_rss / 1e6}};
}

void run(const Options& options, Context& context) {
  const std::vector<std::string> names =
      options.workloads.empty() ? Registry<BenchWorkload>::names() : options.workloads;
  for (const std::string& name : names) {
    const int64_t multiple = Registry<BenchWorkload>::at("workload", name).multiple;
    if (options.size % multiple != 0)
      fail_usage("--size: got ", options.size, ", wanted a multiple of ", multiple, " for ", name);
  }
  json workloads = json::array();
  for (const std::string& name : names) workloads.push_back(measure(name, options, context));
  const json document = {{"schema", "mezzotint/bench/1"},
                         {"version", version()},
                         {"cpu", cpu_name()},
                         {"engine", context.global.engine},
                         {"gradient_checkpointing", options.gradient_checkpointing},
                         {"workloads", workloads}};
  if (context.global.json)
    print_json(document);
  else
    print_bench_table(document);
}

std::string workloads_help() {
  std::string help = "what to time; default all";
  for (const std::string& name : Registry<BenchWorkload>::names())
    help += "; " + name + ": " + Registry<BenchWorkload>::at("workload", name).summary;
  return help;
}

std::string default_batches() {
  std::string help = "pictures in one run; default ";
  const std::vector<std::string> names = Registry<BenchWorkload>::names();
  for (const std::string& name : names)
    help += concat(name == names.front() ? "" : ", ", name, " ",
                   Registry<BenchWorkload>::at("workload", name).batch);
  return help;
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  offer_only(app.add_option("WORKLOAD", options->workloads, workloads_help())->type_name("NAME"),
             Registry<BenchWorkload>::names());
  add_whole_number(app, "--batch", options->batch, 1, default_batches());
  add_whole_number(app, "--size", options->size, 1,
                   "height and width of the pictures; default those in the workload's name");
  add_whole_number(app, "--iters", options->iters, 1,
                   "runs that are timed, after one that warms up; default 5", 999);
  app.add_flag("--gradient-checkpointing", options->gradient_checkpointing,
               "compute blocks again in the backward pass rather than keep what they compute");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kBench("bench", {"how fast this machine is", declare});

}  // namespace
}  // namespace mezzotint::cli
