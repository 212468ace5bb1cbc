#include <gtest/gtest.h>

#include "mezzotint/training/checkpoint.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

/// Raises the flag when a record of this name comes.
class StopAt : public Logger {
 public:
  StopAt(std::string name, CancelToken cancel)
      : name_(std::move(name)), cancel_(std::move(cancel)) {}
  void log(const Record& record) override {
    if (record.name == name_) cancel_.cancel();
  }

 private:
  std::string name_;
  CancelToken cancel_;
};

std::string latest(const std::filesystem::path& folder) {
  std::vector<std::string> warnings;
  return latest_checkpoint(folder / "checkpoints", warnings).value().filename().string();
}

/// A stop asked for before anything was done is one that `resume` can go on from, with its samples
/// from before.
TEST(Stop, BeforeTheFirstUpdate) {
  const ScratchFolder folder;
  TrainConfig config = tiny_recipe();
  config.max_train_steps = 2;
  TrainOptions options = tiny_options(config);
  options.folder = folder.path();
  options.cancel.cancel();
  const Pipeline pipeline = tiny_pipeline(0);
  const std::string message = error_of([&] { train(pipeline, tiny_batches(0), options); });
  EXPECT_NE(message.find("stopped after update 0 of 2; saved"), std::string::npos) << message;
  EXPECT_EQ(latest(folder.path()), "update-00000000");
  options.cancel = CancelToken();
  options.resume_from = folder / "checkpoints/update-00000000";
  train(pipeline, tiny_batches(0), options);
  EXPECT_TRUE(std::filesystem::exists(folder / "samples/before-after.png"));
}

TEST(Stop, WhileTheLastSamplesAreDrawn) {
  const ScratchFolder folder;
  TrainConfig config = tiny_recipe();
  config.max_train_steps = 1;
  config.save_model_every = 0;
  TrainOptions options = tiny_options(config);
  options.folder = folder.path();
  options.loggers = {std::make_shared<StopAt>("checkpoint", options.cancel)};
  const Pipeline pipeline = tiny_pipeline(0);
  const std::string message = error_of([&] { train(pipeline, tiny_batches(0), options); });
  EXPECT_NE(message.find("stopped after update 1 of 1; saved"), std::string::npos) << message;
  EXPECT_EQ(latest(folder.path()), "update-00000001");
}

}  // namespace
}  // namespace mezzotint
