#include "mezzotint/training/branch.h"

#include "mezzotint/training/without_secrets.h"

#include "apps/cli/config_flags.h"
#include "apps/cli/options.h"
#include "apps/cli/some_fields.h"
#include "apps/cli/training_flags.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

/// What a run may go on with otherwise: all that the checkpoint doesn't hold.
struct BranchFlags : TrainConfig {
  void fields(auto& f) {
    Skip<std::remove_reference_t<decltype(f)>> some{
        f,
        {"seed", "batch_size", "grad_accumulation_steps", "accum_leftover", "memory", "freeze",
         "train_only", "ema", "timestep_sampler", "min_timestep", "max_timestep", "noise_offset",
         "input_perturbation", "label_dropout", "validation_count"}};
    TrainConfig::fields(some);
  }
};

struct BranchRequest {
  std::string from, into;
  int64_t update = -1;
  TrainingFlags::Section changes = TrainingFlags::section();
};

void run(Context& context, const BranchRequest& request) {
  prepare_training_device(context.global);
  Branch branch{request.from, request.into, std::nullopt, *request.changes,
                without_secrets(context.command_line)};
  if (request.update >= 0) branch.update = request.update;
  const std::filesystem::path checkpoint = branch_run(branch);
  context.console.say("begins at " + checkpoint.string());
  report(context, branch.into,
         watched(context, "training", branch.into,
                 [&](const RunHooks& hooks) { return resume_run(branch.into, hooks); }));
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<BranchRequest>();
  add_text(app, "DIR", request->from, "folder of the run to part from; it stays as it is", "DIR")
      ->required();
  add_text(app, "-o,--out", request->into, "folder of the new run: new or empty", "DIR")
      ->required();
  add_whole_number(app, "--at", request->update, 0,
                   "the update whose checkpoint is the beginning; default the newest");
  add_flags(app, request->changes, BranchFlags{}, "Changes", Defaults::kUnsaid);
  take_utf8_only(app);
  return [request](Context& context) { run(context, *request); };
}

const Registered<Verb> kBranch("branch",
                               {"go on from a checkpoint another way, in a new folder", declare});

}  // namespace
}  // namespace mezzotint::cli
