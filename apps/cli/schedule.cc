// `mezzotint schedule MODEL`: the timesteps of a sampling run and how noisy each is, as a table,
// CSV, JSON or plot, and what is worth knowing about them.
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/guidance/guidance_schedule.h"
#include "mezzotint/io/files.h"
#include "mezzotint/pipelines/model_index.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/report/plot.h"
#include "mezzotint/schedulers/schedule_audit.h"
#include "mezzotint/schedulers/schedule_table.h"

#include "apps/cli/model_folder.h"
#include "apps/cli/options.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kShortTable = 40;

struct Options {
  std::string model;
  std::string scheduler;
  int64_t steps = 0;
  std::string plot;
  std::string guidance;
  std::string index = "timestep";
  bool csv = false;
  bool all = false;
};

/// What of a pipeline a schedule needs: the network stays on the disk.
Pipeline scheduler_only(const std::string& model) {
  Pipeline pipeline;
  if (fs::is_regular_file(model)) {
    pipeline.scheduler_config = read_json(model);
    return pipeline;
  }
  const fs::path folder = model_folder(model);
  const fs::path file = component_folder(folder, "scheduler") / "scheduler_config.json";
  if (!fs::exists(file)) fail(folder.string(), ": has no scheduler_config.json");
  pipeline.scheduler_config = read_json(file);
  if (const fs::path index = folder / "model_index.json"; fs::exists(index))
    pipeline.class_name = parse_model_index(read_json(index), index.string()).class_name;
  return pipeline;
}

/// The class of --scheduler, or the model's own. An unknown class in a file is the file's fault,
/// not the command line's.
std::string chosen_class(const Pipeline& pipeline, const std::string& scheduler) {
  if (!scheduler.empty()) return scheduler_class_name(scheduler);
  try {
    return scheduler_class_name(pipeline.own_scheduler());
  } catch (const Error& error) {
    fail("the model's scheduler: ", error.what(), "; choose one with --scheduler");
  }
}

std::string number(double value, const char* format = "%.6g") {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// Evenly spaced rows, the first and the last among them.
std::vector<ScheduleRow> shortened(const std::vector<ScheduleRow>& rows, size_t count) {
  if (rows.size() <= count) return rows;
  std::vector<ScheduleRow> kept;
  kept.reserve(count);
  for (size_t k = 0; k < count; ++k) kept.push_back(rows[k * (rows.size() - 1) / (count - 1)]);
  return kept;
}

/// The factor of a guidance schedule at each step; empty where none was asked for.
using Factors = std::vector<double>;

void print_table(const std::vector<ScheduleRow>& rows, const Factors& factors) {
  print("%5s %8s  %14s  %12s  %12s%s\n", "step", "timestep", "alphas_cumprod", "sigma", "snr",
        factors.empty() ? "" : "      guidance");
  for (const ScheduleRow& row : rows) {
    print("%5zu %8s  %14s  %12s  %12s", row.step, number(row.timestep).c_str(),
          number(row.alpha_cumprod).c_str(), number(row.sigma).c_str(), number(row.snr).c_str());
    if (!factors.empty()) print("  %12s", number(factors[row.step]).c_str());
    print("\n");
  }
}

void print_csv(const std::vector<ScheduleRow>& rows, const Factors& factors) {
  print("step,timestep,alphas_cumprod,sigma,snr%s\n", factors.empty() ? "" : ",guidance");
  for (const ScheduleRow& row : rows) {
    print("%zu,%s,%s,%s,%s", row.step, number(row.timestep).c_str(),
          number(row.alpha_cumprod, "%.9g").c_str(), number(row.sigma, "%.9g").c_str(),
          number(row.snr, "%.9g").c_str());
    if (!factors.empty()) print(",%s", number(factors[row.step], "%.9g").c_str());
    print("\n");
  }
}

nlohmann::json as_json(const std::string& class_name, const Scheduler& scheduler,
                       const std::vector<ScheduleRow>& rows, const Factors& factors,
                       const std::vector<Finding>& findings) {
  nlohmann::json document = {{"schema", "mezzotint/schedule/1"},
                             {"scheduler", class_name},
                             {"init_noise_sigma", scheduler.init_noise_sigma()},
                             {"config", scheduler.config()},
                             {"steps", nlohmann::json::array()},
                             {"audit", nlohmann::json::array()}};
  for (const ScheduleRow& row : rows) {
    document["steps"].push_back({{"step", row.step},
                                 {"timestep", row.timestep},
                                 {"alphas_cumprod", row.alpha_cumprod},
                                 {"sigma", row.sigma},
                                 {"snr", row.snr}});
    if (!factors.empty()) document["steps"].back()["guidance"] = factors[row.step];
  }
  for (const Finding& finding : findings)
    document["audit"].push_back({{"level", finding.warning ? "warning" : "note"},
                                 {"code", finding.code},
                                 {"text", finding.text}});
  return document;
}

/// The factors that guidance can follow, over all training timesteps, and the one that was asked
/// for, at the timesteps of the steps.
Plot schedule_plot(const std::string& class_name, const Scheduler& scheduler,
                   const Options& options, const Factors& factors) {
  Plot plot{.title = "Noise schedule of " + class_name,
            .x_label = "timestep (sampling goes from right to left)",
            .y_label = "factor",
            .series = {{"1"}, {"ᾱ"}, {"√ᾱ  signal"}, {"√(1−ᾱ)  noise"}}};
  const Tensor& alphas_cumprod = scheduler.alphas_cumprod();
  for (int64_t t = 0; t < alphas_cumprod.size(0); ++t) {
    const double abar = alphas_cumprod[t].item<double>();
    const double known[] = {1, abar, std::sqrt(abar), std::sqrt(1 - abar)};
    for (size_t k = 0; k < 4; ++k) {
      plot.series[k].x.push_back(static_cast<double>(t));
      plot.series[k].y.push_back(known[k]);
    }
  }
  if (!factors.empty())
    plot.series.push_back({"guidance: " + options.guidance, scheduler.timesteps(), factors});
  return plot;
}

Factors factors_of(const Options& options, const Scheduler& scheduler) {
  Factors factors;
  if (options.guidance.empty()) return factors;
  const GuidanceSchedule schedule =
      parse_guidance_schedule(options.guidance, options.index, "--guidance-schedule");
  for (size_t i = 0; i < scheduler.timesteps().size(); ++i)
    factors.push_back(schedule.factor(scheduler, i));
  return factors;
}

void say(const Console& console, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    finding.warning ? console.warn(finding.text) : console.say("note: " + finding.text);
}

void run(const Options& options, Context& context) {
  if (options.csv && context.global.json) fail_usage("--csv and --json: give one of them");
  const Pipeline pipeline = scheduler_only(options.model);
  const std::string class_name = chosen_class(pipeline, options.scheduler);
  const SchedulerPtr scheduler = pipeline.scheduler(class_name, options.steps);
  const std::vector<ScheduleRow> rows = schedule_table(*scheduler);
  const Factors factors = factors_of(options, *scheduler);
  const std::vector<Finding> findings =
      audit_schedule(pipeline.scheduler_config, class_name, static_cast<int64_t>(rows.size()));
  if (!options.plot.empty()) {
    make_place_for(options.plot, "--plot");
    write_plot(options.plot, schedule_plot(class_name, *scheduler, options, factors));
    context.console.say("wrote " + options.plot);
  }
  if (context.global.json)
    return print_json(as_json(class_name, *scheduler, rows, factors, findings));
  if (options.csv) {
    print_csv(rows, factors);
  } else {
    const std::vector<ScheduleRow> shown = options.all ? rows : shortened(rows, kShortTable);
    print_table(shown, factors);
    if (shown.size() < rows.size())
      context.console.say(concat("note: ", shown.size(), " of ", rows.size(),
                                 " steps are shown; --all shows every one"));
  }
  flush_stdout();  // before what is said to stderr
  say(context.console, findings);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_text(app, "MODEL", options->model, concat(kModelHelp, ", or a scheduler_config.json"),
           "MODEL")
      ->required();
  offer_schedulers(
      add_text(app, "--scheduler", options->scheduler,
               "one of " + joined(short_scheduler_names()) + "; default the model's own", "NAME"));
  add_whole_number(app, "--steps", options->steps, 1,
                   "steps of the sampling run; default as `sample`");
  add_text(app, "--plot", options->plot,
           "draw 1, alpha-bar and its roots over the timesteps; .svg or .png", "FILE");
  offer(add_text(app, "--guidance-schedule", options->guidance,
                 "also the factor of a guidance schedule, as `guide` takes it", "NAME"),
        guidance_schedule_names());
  offer_only(add_text(app, "--guidance-index", options->index,
                      "its alpha-bar is that of the timestep or of the loop's index; default "
                      "timestep",
                      "NAME"),
             {"timestep", "loop"});
  app.add_flag("--csv", options->csv, "comma-separated values on stdout");
  app.add_flag("--all", options->all, "every step in the table, however many");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kSchedule(
    "schedule",
    {"timesteps, alphas_cumprod, sigma and SNR of a sampling run, and an audit", declare});

}  // namespace
}  // namespace mezzotint::cli
