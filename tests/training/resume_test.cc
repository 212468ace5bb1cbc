#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/training/checkpoint.h"
#include "mezzotint/training/train_state.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

std::filesystem::path newest(const std::filesystem::path& folder) {
  std::vector<std::string> warnings;
  const auto found = latest_checkpoint(folder / "checkpoints", warnings);
  EXPECT_TRUE(warnings.empty());
  return found.value();
}

/// Stops after each of `stops` micro-batches, each time in a new pipeline, as after a new start of
/// the program.
TrainResult interrupted(const std::filesystem::path& folder, const TrainConfig& config,
                        const std::vector<int64_t>& stops, Pipeline& last) {
  TrainOptions options = tiny_options(config);
  options.folder = folder;
  for (const int64_t stop : stops) {
    options.cancel = CancelToken();
    options.loggers = {std::make_shared<StopAfter>(stop, options.cancel)};
    const Pipeline pipeline = tiny_pipeline(3);
    EXPECT_THROW(train(pipeline, tiny_batches(3), options), Error);
    options.resume_from = newest(folder);
  }
  options.cancel = CancelToken();
  options.loggers = {};
  last = tiny_pipeline(3);
  return train(last, tiny_batches(3), options);
}

void expect_same(const Weights& a, const Weights& b) {
  ASSERT_EQ(a.keys(), b.keys());
  for (const auto& [key, tensor] : a) EXPECT_TRUE(tensor.equal(b.at(key))) << key;
}

class Resume : public ::testing::TestWithParam<TrainConfig> {};

TEST_P(Resume, EndsWithTheSameBits) {
  const TrainConfig config = GetParam();
  const Pipeline whole = tiny_pipeline(3);
  const TrainResult expected = train(whole, tiny_batches(3), tiny_options(config));

  const ScratchFolder folder;
  Pipeline broken;
  // In the middle of an update, after one, at the end of an epoch, and one micro-batch before the
  // end.
  const TrainResult result = interrupted(folder.path(), config, {2, 6, 14, 34}, broken);
  expect_same(trainable_parameters(whole), trainable_parameters(broken));
  expect_same(expected.ema->average(), result.ema->average());
  EXPECT_EQ(expected.epoch_losses, result.epoch_losses);
  EXPECT_EQ(expected.position.images, result.position.images);
  EXPECT_TRUE(std::filesystem::exists(folder / "samples/before-after.png"));
}

/// 3 + 3 + 1 of 7 micro-batches in an update.
TrainConfig accumulating() {
  TrainConfig config = tiny_recipe();
  config.grad_accumulation_steps = 3;
  return config;
}

/// Updates are made during the backward pass.
TrainConfig unclipped() {
  TrainConfig config = accumulating();
  config.max_grad_norm = 0;
  return config;
}

TrainConfig checkpointing() {
  TrainConfig config = unclipped();
  config.gradient_checkpointing = true;
  return config;
}

INSTANTIATE_TEST_SUITE_P(Recipes, Resume,
                         ::testing::Values(accumulating(), unclipped(), checkpointing()));

TEST(ResumeStreams, ADifferentStreamEndsElsewhere) {
  TrainConfig config = tiny_recipe();
  const Pipeline a = tiny_pipeline(0), b = tiny_pipeline(0);
  config.max_train_steps = 3;
  train(a, tiny_batches(0), tiny_options(config));
  ++config.seed;
  train(b, tiny_batches(0), tiny_options(config));
  EXPECT_FALSE(trainable_parameters(a)
                   .at("unet.conv_in.weight")
                   .equal(trainable_parameters(b).at("unet.conv_in.weight")));
}

TEST(Checkpoint, OldOnesGoAndDamageIsRecognised) {
  const ScratchFolder folder;
  TrainConfig config = tiny_recipe();
  config.keep_checkpoints = 2;
  const Pipeline pipeline = tiny_pipeline(0);
  TrainState state(config, DenoisingLearner(pipeline, tiny_batches(0), config, {}));
  for (const int64_t update : {1, 2, 10}) {
    state.position.update = update;
    save_checkpoint(folder.path(), state, config.keep_checkpoints);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "update-00000001"));
  std::vector<std::string> warnings;
  EXPECT_EQ(latest_checkpoint(folder.path(), warnings), folder / "update-00000010");
  ASSERT_TRUE(warnings.empty());

  const std::filesystem::path damaged = folder / "update-00000010/model.safetensors";
  std::string bytes = read_file(damaged);
  bytes[bytes.size() / 2] ^= 1;
  write_file_atomic(damaged, bytes);
  EXPECT_EQ(latest_checkpoint(folder.path(), warnings), folder / "update-00000002");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("model.safetensors: checksum differs"), std::string::npos)
      << warnings[0];
}

/// A state to save at any place.
struct Saved {
  explicit Saved(const ScratchFolder& where) : folder(where.path()) {}
  std::filesystem::path at(int64_t update, int64_t pending, int64_t keep) {
    state.position.update = update;
    state.pending = pending;
    return save_checkpoint(folder, state, keep);
  }
  std::filesystem::path newest() {
    std::vector<std::string> warnings;
    return latest_checkpoint(folder, warnings).value().filename();
  }
  std::filesystem::path folder;
  Pipeline pipeline = tiny_pipeline(0);
  TrainConfig config = tiny_recipe();
  TrainState state{config, DenoisingLearner(pipeline, tiny_batches(0), config, {})};
};

TEST(Checkpoint, PendingMicroBatchesCountAsNumbers) {
  const ScratchFolder folder;
  Saved saved(folder);
  saved.at(3, 4, 1);
  saved.at(3, 12, 1);
  EXPECT_EQ(saved.newest(), "update-00000003+12");
  saved.at(3, 100, 1);
  EXPECT_EQ(saved.newest(), "update-00000003+100");
}

/// A damaged checkpoint of a later update must not push out the good one that was just written.
TEST(Checkpoint, TheNewOneStaysWhateverLiesAfterIt) {
  const ScratchFolder folder;
  Saved saved(folder);
  std::filesystem::resize_file(saved.at(12, 0, 1) / "model.safetensors", 100);
  saved.at(10, 0, 1);
  EXPECT_EQ(saved.newest(), "update-00000010");
  EXPECT_FALSE(std::filesystem::exists(folder / "update-00000012"));
}

TEST(Checkpoint, EveryMissingOrCutFileIsNoticed) {
  const ScratchFolder folder;
  const Pipeline pipeline = tiny_pipeline(0);
  const TrainState state(tiny_recipe(),
                         DenoisingLearner(pipeline, tiny_batches(0), tiny_recipe(), {}));
  const std::filesystem::path path = save_checkpoint(folder.path(), state, 1);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  EXPECT_EQ(files.size(), 7u);
  for (const auto& file : files) {
    const std::string bytes = read_file(file);
    std::filesystem::resize_file(file, bytes.size() - 1);
    if (file.filename() != "manifest.json") {  // its last byte is a newline
      EXPECT_NE(checkpoint_damage(path), "") << file;
    }
    std::filesystem::remove(file);
    EXPECT_NE(checkpoint_damage(path), "") << file;
    write_file_atomic(file, bytes);
    EXPECT_EQ(checkpoint_damage(path), "");
  }
}

}  // namespace
}  // namespace mezzotint
