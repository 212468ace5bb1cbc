#include "apps/cli/indexed_run.h"
#include "apps/cli/options.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

std::function<void(Context&)> declare(CLI::App& app) {
  const auto folder = std::make_shared<std::string>();
  add_text(app, "DIR", *folder, "folder of the run that was stopped", "DIR")->required();
  return [folder](Context& context) {
    prepare_training_device(context.global);
    const auto go_on = [&](const RunHooks& hooks) { return resume_run(*folder, hooks); };
    report(context, *folder,
           indexed_run(context, *folder, watched(context, "training", *folder), go_on));
  };
}

const Registered<Verb> kResume("resume", {"go on exactly where a run stopped", declare});

}  // namespace
}  // namespace mezzotint::cli
