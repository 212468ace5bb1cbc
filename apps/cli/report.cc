// `mezzotint report RUN|MANIFEST`: one HTML page of a training run, or of what a manifest lists.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/html.h"
#include "mezzotint/report/report_manifest.h"
#include "mezzotint/report/run_report.h"

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string source;
  std::string output;
};

void run(const Options& options, Context& context) {
  const fs::path source = options.source;
  if (!fs::exists(source))
    fail_usage(source.string(), ": no such file or folder; wanted a run folder or a .json list");
  const bool folder = fs::is_directory(source);
  const Report report = folder ? run_report(source) : read_report_manifest(source);
  const fs::path output = !options.output.empty() ? fs::path(options.output)
                          : folder                ? source / "report.html"
                                                  : fs::path(source).replace_extension(".html");
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
  app.add_option("SOURCE", options->source,
                 "a run folder, or a JSON file that lists pictures, tables and runs")
      ->required();
  app.add_option("-o,--output", options->output, "the page; default: report.html in the run folder")
      ->type_name("FILE");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kReport("report",
                               {"one HTML page of a training run: pictures, curve, recipe",
                                declare});

}  // namespace
}  // namespace mezzotint::cli
