#include "apps/cli/config_flags.h"
#include "apps/cli/options.h"
#include "apps/cli/resume_settings.h"
#include "apps/cli/training_flags.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

std::function<void(Context&)> declare(CLI::App& app) {
  const auto folder = std::make_shared<std::string>();
  add_text(app, "DIR", *folder, "folder of the run that was stopped", "DIR")->required();
  const TrainingFlags::Section changes = TrainingFlags::section();
  add_flags(app, changes, ResumeSettings{}, "Changes", Defaults::kUnsaid);
  return [folder, changes](Context& context) {
    prepare_training_device(context.global);
    report(context, *folder, watched(context, "training", *folder, [&](const RunHooks& hooks) {
             return resume_run(*folder, hooks, *changes);
           }));
  };
}

const Registered<Verb> kResume("resume", {"go on exactly where a run stopped", declare});

}  // namespace
}  // namespace mezzotint::cli
