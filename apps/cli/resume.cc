#include "apps/cli/config_flags.h"
#include "apps/cli/indexed_run.h"
#include "apps/cli/options.h"
#include "apps/cli/some_fields.h"
#include "apps/cli/training_flags.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

/// What may be another from now on without undoing what was learned.
struct ResumeFlags : TrainConfig {
  void fields(auto& f) {
    Only<std::remove_reference_t<decltype(f)>> some{
        f,
        {"num_epochs", "max_train_steps", "on_nonfinite", "log_every", "log_samples_every",
         "validate_every", "save_model_every", "keep_checkpoints"}};
    TrainConfig::fields(some);
  }
};

std::function<void(Context&)> declare(CLI::App& app) {
  const auto folder = std::make_shared<std::string>();
  add_text(app, "DIR", *folder, "folder of the run that was stopped", "DIR")->required();
  const TrainingFlags::Section changes = TrainingFlags::section();
  add_flags(app, changes, ResumeFlags{}, "Changes", Defaults::kUnsaid);
  return [folder, changes](Context& context) {
    prepare_training_device(context.global);
    const auto go_on = [&](const RunHooks& hooks) { return resume_run(*folder, hooks, *changes); };
    report(context, *folder,
           indexed_run(context, *folder, watched(context, "training", *folder), go_on));
  };
}

const Registered<Verb> kResume("resume", {"go on exactly where a run stopped", declare});

}  // namespace
}  // namespace mezzotint::cli
