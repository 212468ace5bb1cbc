// `mezzotint report RUN|MANIFEST`: one HTML page of a training run, or of what a manifest lists.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/html.h"
#include "mezzotint/report/report_manifest.h"
#include "mezzotint/report/run_curves.h"
#include "mezzotint/report/run_report.h"
#include "mezzotint/training/record_files.h"

#include "apps/cli/options.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string source;
  std::string out;
};

/// @param beside its pictures are written too, where a run keeps them.
Report report_of(const fs::path& run, bool beside, const Console& console) {
  const RunView view = read_run_view(run);
  if (const BadLines& bad = view.history.bad_lines(); bad.count > 0)
    console.warn(passed_over(run / "metrics.jsonl", bad));
  if (beside) {
    write_run_curves(run, view.history);
    write_film_strip(run, view);
    write_timeline_animation(run, view);
  }
  return run_report(run, view);
}

void run(const Options& options, Context& context) {
  const fs::path source = options.source;
  if (!fs::exists(source))
    fail(source.string(), ": no such file or folder; wanted a run folder or a .json list");
  const bool folder = fs::is_directory(source);
  const fs::path output = !options.out.empty() ? fs::path(options.out)
                          : folder             ? source / "report.html"
                                               : fs::path(source).replace_extension(".html");
  const Report report = folder ? report_of(source, options.out.empty(), context.console)
                               : read_report_manifest(source);
  make_place_for(output, "-o");
  write_file_atomic(output, render_html(report));
  context.console.say("wrote " + output.string());
  if (context.global.json)
    print_json({{"schema", "mezzotint/report/1"},
                {"file", output.string()},
                {"title", report.title},
                {"sections", report.sections.size()}});
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_text(app, "SOURCE", options->source,
           "a run folder, or a JSON file that lists pictures, tables and runs", "FILE")
      ->required();
  add_text(app, "-o,--out", options->out,
           "the page; default report.html in the run folder, or beside the list", "FILE");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kReport("report",
                               {"one HTML page of a training run: pictures, curve, recipe",
                                declare});

}  // namespace
}  // namespace mezzotint::cli
