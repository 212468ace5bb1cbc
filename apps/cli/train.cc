#include "mezzotint/base/registry.h"

#include "apps/cli/train_request.h"
#include "apps/cli/training_session.h"

namespace mezzotint::cli {
namespace {

void run(Context& context, const TrainRequest& request) {
  prepare_training_device(context.global);
  const RunConfig config = train_config(request, context);
  if (*request.flags.dry_run) return say_plan(context, config);
  const std::filesystem::path folder = *request.flags.folder;
  report(context, folder, watched(context, "training", folder, [&](const RunHooks& hooks) {
           return start_run(config, folder, hooks);
         }));
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = add_train_options(app);
  return [request](Context& context) { run(context, *request); };
}

const Registered<Verb> kTrain("train", {"train a network on pictures, from scratch or from a model",
                                        declare});

}  // namespace
}  // namespace mezzotint::cli
