// Whole sampling runs, step by step, against diffusers: tools/reference/schedulers.py writes them.
#include <algorithm>

#include <ATen/ops/cat.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/schedulers/scheduler.h"

#include "tests/schedulers/reference.h"

namespace mezzotint {
namespace {

/// The networks of the script.
Tensor model(const Tensor& sample, double t, const std::string& variance_type) {
  const Tensor output = sample * t / (t + 1);
  if (variance_type == "learned") return at::cat({output, (0.25 * sample).abs()}, 1);
  if (variance_type == "learned_range") return at::cat({output, (0.5 * sample).clamp(-1, 1)}, 1);
  return output;
}

SchedulerPtr plan_of(const nlohmann::json& row) {
  const nlohmann::json& given = row["options"];
  StepOptions options;
  options.eta = given.value("eta", 0.0);
  options.use_clipped_model_output = given.value("use_clipped_model_output", false);
  options.timesteps = given.value("timesteps", std::vector<int64_t>{});
  return make_scheduler(row["class"], row["config"], row["steps"], options);
}

/// Equal up to what the vector width of the CPU changes; the bits are compared besides.
void expect_close(const Tensor& got, const std::vector<float>& wanted) {
  const std::vector<float> values = flat(got);
  ASSERT_EQ(values.size(), wanted.size());
  float scale = 1;
  for (const float v : wanted) scale = std::max(scale, std::abs(v));
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], wanted[i], 1e-4 * scale);
}

class Trajectory : public testing::TestWithParam<nlohmann::json> {};

TEST_P(Trajectory, EqualsDiffusers) {
  const nlohmann::json& row = GetParam();
  const SchedulerPtr scheduler = plan_of(row);
  ASSERT_EQ(scheduler->timesteps(), row["timesteps"].get<std::vector<double>>());
  RandomStream stream(0);
  const DrawNoise draw = [&] { return stream.randn({2, 2, 2, 2}); };
  Tensor sample = draw();
  std::vector<Tensor> samples, originals;
  History history;
  for (size_t i = 0; i < scheduler->timesteps().size(); ++i) {
    SCOPED_TRACE(concat("step ", i));
    const Tensor output = model(sample, scheduler->timesteps()[i],
                                row["config"].value("variance_type", "fixed_small"));
    const Step step = scheduler->step(output, i, sample, draw, history);
    sample = step.prev_sample;
    expect_close(sample, row["x"][i].get<std::vector<float>>());
    expect_close(step.pred_original_sample, row["x0"][i].get<std::vector<float>>());
    samples.push_back(step.prev_sample);
    originals.push_back(step.pred_original_sample);
  }
  Hash hash;
  for (const Tensor& x : samples) hash.add(x);
  for (const Tensor& x : originals) hash.add(x);
  expect_bits(hash, row["bits"]);
}

std::vector<nlohmann::json> rows() {
  const nlohmann::json all = reference("trajectories.json");
  return {all.begin(), all.end()};
}

std::string name_of(const testing::TestParamInfo<nlohmann::json>& info) {
  return info.param["class"].get<std::string>() + "_" + info.param["name"].get<std::string>();
}

INSTANTIATE_TEST_SUITE_P(Diffusers, Trajectory, testing::ValuesIn(rows()), name_of);

}  // namespace

/// Keeps the name of a case rather than its numbers in the output of a failing test.
void PrintTo(const nlohmann::json& row, std::ostream* out) { *out << row.value("name", "json"); }

}  // namespace mezzotint
