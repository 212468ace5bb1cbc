// The same training as a loop in Python with diffusers: tools/reference/training.py wrote the
// fixtures.

#include <gtest/gtest.h>

#include "mezzotint/io/safetensors.h"
#include "mezzotint/training/train_state.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

struct Case {
  const char* name;
  const char* prediction_type;
  const char* accum_mode;
  const char* optimizer;
  int64_t classes;
  void (*change)(TrainConfig& config) = [](TrainConfig&) {};
};

/// The course's loop as it was published.
void as_published(TrainConfig& config) {
  config.backward_of = "half_square";
  config.accum_leftover = "carry";
  config.max_timestep = 999;
}

void with_extras(TrainConfig& config) {
  config.noise_offset = 0.1;
  config.input_perturbation = 0.2;
  config.snr_gamma = 3;
  config.timestep_sampler = "logit_normal";
  config.logit_mean = 0.3;
  config.logit_std = 0.5;
  config.freeze = {"down_blocks.*", "conv_in.bias"};
}

void stratified(TrainConfig& config) { config.timestep_sampler = "stratified"; }

class TrainingParity : public ::testing::TestWithParam<Case> {};

double largest_difference(const Weights& got, const Weights& wanted, const std::string& prefix) {
  double largest = 0;
  for (const auto& [key, tensor] : got)
    largest = std::max(largest, (tensor - wanted.at(prefix + key)).abs().max().item<double>());
  return largest;
}

/// Our keys are diffusers' attribute paths.
void expect_weights(const Pipeline& pipeline, const Ema& ema, const std::string& file) {
  const Weights wanted = read_safetensors(training_data(file)).weights;
  const Weights raw = trainable_parameters(pipeline);
  EXPECT_EQ(wanted.size(), 2 * raw.size());
  EXPECT_LE(ema.average().size(), raw.size());
  EXPECT_LE(largest_difference(raw, wanted, "raw."), 1e-3);
  EXPECT_LE(largest_difference(ema.average(), wanted, "ema."), 1e-3);
  EXPECT_GT(largest_difference(ema.average(), wanted, "raw."),
            1e-3);  // average and raw aren't mixed up
}

TEST_P(TrainingParity, LossesAndWeightsEqualDiffusers) {
  const Case& c = GetParam();
  TrainConfig config = tiny_recipe();
  config.accum_mode = c.accum_mode;
  config.optimizer = c.optimizer;
  c.change(config);
  TrainOptions options = tiny_options(config);
  const auto kept = std::make_shared<Kept>();
  options.loggers = {kept};
  const Pipeline pipeline = tiny_pipeline(c.classes, c.prediction_type);
  const TrainResult result = train(pipeline, tiny_batches(c.classes), options);
  EXPECT_EQ(result.position.update, config.accum_leftover == "carry" ? 15 : 20);
  EXPECT_EQ(result.position.micro_batch, 35);
  EXPECT_EQ(result.position.images, 35 * kBatch);
  const std::vector<double> losses = kept->numbers("loss");
  const nlohmann::json wanted = reference()["losses"][c.name];
  ASSERT_EQ(losses.size(), wanted.size());
  for (size_t i = 0; i < losses.size(); ++i)
    EXPECT_NEAR(losses[i], wanted[i].get<double>(), 1e-4) << "micro-batch " << i + 1;
  const std::string file = std::string(c.name) + ".safetensors";
  if (std::filesystem::exists(training_data(file))) expect_weights(pipeline, *result.ema, file);
}

INSTANTIATE_TEST_SUITE_P(
    Diffusers, TrainingParity,
    ::testing::Values(Case{"epsilon", "epsilon", "mean", "adamw", 0},
                      Case{"classes", "epsilon", "mean", "adam", 3},
                      Case{"sum", "sample", "sum", "adamw", 0},
                      Case{"velocity", "v_prediction", "mean", "adamw", 0},
                      Case{"published", "epsilon", "sum", "adamw", 0, as_published},
                      Case{"extras", "epsilon", "mean", "adamw", 0, with_extras},
                      Case{"stratified", "epsilon", "mean", "adam", 3, stratified}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace mezzotint
