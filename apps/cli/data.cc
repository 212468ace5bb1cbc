// `mezzotint data preview|check DATA`: what a model would be shown, and what is wrong with it.
#include "apps/cli/data.h"

#include "mezzotint/base/registry.h"

#include "apps/cli/options.h"

namespace mezzotint::cli {
namespace {

std::function<void(Context&)> declare(CLI::App& app) {
  app.require_subcommand(1);
  const auto chosen = std::make_shared<std::function<void(Context&)>>();
  const auto add = [&](const char* name, const char* summary, auto declare_part) {
    CLI::App* part = app.add_subcommand(name, summary);
    part->callback([chosen, runs = declare_part(*part)] { *chosen = runs; });
  };
  add("preview", "a grid of pictures as a model is shown them", declare_data_preview);
  add("check", "sizes, kinds, duplicates and damaged pictures", declare_data_check);
  return [chosen](Context& context) { (*chosen)(context); };
}

const Registered<Verb> kData("data", {"look at a data set, or check it: preview, check", declare});

}  // namespace

void add_data_options(CLI::App& app, std::string& data, std::string& split) {
  add_text(app, "DATA", data, kDataHelp, "DATA")->required();
  offer(add_text(app, "--split", split, "train or test; default train", "NAME"), {"train", "test"});
}

}  // namespace mezzotint::cli
