#include "apps/cli/bench_table.h"

#include <cstdio>
#include <string>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"

#include "apps/cli/console.h"

namespace mezzotint::cli {
namespace {

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 10 ? "%.3f s" : "%.1f s", seconds);
  return text;
}

}  // namespace

void print_bench_table(const nlohmann::json& document) {
  const nlohmann::json& workloads = document.at("workloads");
  const auto threads = workloads.at(0).at("threads").get<int64_t>();
  print("%s, %s, %s engine\n\n", document.at("cpu").get<std::string>().c_str(),
        counted(threads, "thread").c_str(), document.at("engine").get<std::string>().c_str());
  constexpr const char* kRow = "%-22s %6s %5s %10s %10s %9s  %s\n";
  print(kRow, "workload", "batch", "runs", "median", "best", "memory", "device");
  for (const nlohmann::json& workload : workloads)
    print(kRow, workload.at("name").get<std::string>().c_str(), workload.at("batch").dump().c_str(),
          workload.at("iters").dump().c_str(), seconds_text(workload.at("median_s")).c_str(),
          seconds_text(workload.at("min_s")).c_str(),
          (std::to_string(workload.at("peak_rss_mb").get<int64_t>()) + " MB").c_str(),
          workload.at("device").get<std::string>().c_str());
}

}  // namespace mezzotint::cli
