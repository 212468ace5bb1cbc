#include <algorithm>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/data/inspect.h"

#include "apps/cli/data.h"
#include "apps/cli/device.h"
#include "apps/cli/progress.h"

namespace mezzotint::cli {
namespace {

constexpr size_t kShown = 12;  // lines of a list before "and N more"

struct Options {
  std::string data, split = "train";
  bool all = false;
};

using Counted = std::pair<std::string, int64_t>;

/// The commonest first.
template <class Map, class Name>
std::vector<Counted> by_count(const Map& counts, Name name) {
  std::vector<Counted> sorted;
  for (const auto& [key, count] : counts) sorted.emplace_back(name(key), count);
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &Counted::second);
  return sorted;
}

std::string size_name(const std::array<int, 2>& size) { return concat(size[0], " x ", size[1]); }

std::string channels_name(int channels) {
  constexpr const char* kNames[] = {"", "grey", "grey with alpha", "RGB", "RGB with alpha"};
  return kNames[channels];
}

std::vector<Counted> class_counts(const Dataset& dataset, const DataReport& report) {
  std::vector<Counted> counts;
  for (size_t i = 0; i < report.class_counts.size(); ++i)
    counts.emplace_back(dataset.class_names()[i], report.class_counts[i]);
  return counts;
}

std::vector<std::string> in_words(const std::vector<Counted>& counts) {
  std::vector<std::string> lines;
  for (const auto& [name, count] : counts) lines.push_back(concat(count, "  ", name));
  return lines;
}

void print_list(const char* title, const std::vector<std::string>& lines, bool all) {
  if (lines.empty()) return;
  print("%s\n", title);
  const size_t shown = all ? lines.size() : std::min(lines.size(), kShown);
  for (size_t i = 0; i < shown; ++i) print("  %s\n", lines[i].c_str());
  if (shown < lines.size()) print("  and %zu more (--all shows them)\n", lines.size() - shown);
}

void print_report(const Dataset& dataset, const DataReport& report, bool all) {
  std::vector<std::string> duplicates;
  for (const auto& group : report.duplicates) duplicates.push_back(joined(group, " = "));
  print("%s\n", dataset.describe().c_str());
  print_list("sizes", in_words(by_count(report.sizes, size_name)), all);
  print_list("channels", in_words(by_count(report.channels, channels_name)), all);
  print_list("stored as", in_words(by_count(report.stored_as, std::identity{})), all);
  print_list("classes", in_words(class_counts(dataset, report)), all);
  print_list("duplicates", duplicates, all);
  print_list("not read: no .png, .jpg, .jpeg or .webp", report.skipped, all);
  print_list("damaged", report.damaged, all);
}

nlohmann::json as_json(const Options& options, const Dataset& dataset, const DataReport& report) {
  nlohmann::json document = {
      {"schema", "mezzotint/data-check/1"}, {"data", options.data},
      {"description", dataset.describe()},  {"items", report.items},
      {"sizes", nlohmann::json::array()},   {"channels", nlohmann::json::object()},
      {"stored_as", report.stored_as},      {"classes", nlohmann::json::array()},
      {"damaged", report.damaged},          {"duplicates", report.duplicates},
      {"skipped", report.skipped}};
  for (const auto& [size, count] : report.sizes)
    document["sizes"].push_back({{"width", size[0]}, {"height", size[1]}, {"items", count}});
  for (const auto& [channels, count] : report.channels)
    document["channels"][std::to_string(channels)] = count;
  for (const auto& [name, count] : class_counts(dataset, report))
    document["classes"].push_back({{"name", name}, {"items", count}});
  return document;
}

void run(const Options& options, Context& context) {
  prepare_device(context.global);
  const DatasetPtr dataset = open_dataset(options.data, options.split);
  Progress progress(context.console, "reading", dataset->size(), "picture");
  const DataReport report = inspect(*dataset, [&](int64_t done) {
    context.cancel.check();
    progress.update(done);
  });
  progress.finish();
  if (context.global.json)
    print_json(as_json(options, *dataset, report));
  else
    print_report(*dataset, report, options.all);
  flush_stdout();  // before what is said to stderr
  if (!report.damaged.empty())
    fail(options.data, ": ", report.damaged.size(), " of ", counted(report.items, "picture"),
         " can't be read; training stops there unless it is told --on-damaged skip");
}

}  // namespace

std::function<void(Context&)> declare_data_check(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_data_options(app, options->data, options->split);
  app.add_flag("--all", options->all, "every line of each list");
  return [options](Context& context) { run(*options, context); };
}

}  // namespace mezzotint::cli
