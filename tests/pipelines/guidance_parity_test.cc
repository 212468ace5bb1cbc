// The course's colour guidance, both methods, against a run of its loops with diffusers:
// tools/reference/guidance.py.
#include <filesystem>

#include <gtest/gtest.h>

#include "mezzotint/guidance/make_term.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/pipeline.h"
#include "mezzotint/pipelines/sampler.h"

namespace mezzotint {
namespace {

class GuidanceParity : public testing::TestWithParam<int> {};

TEST_P(GuidanceParity, WithinTwoGreyLevelsOfDiffusers) {
  const Pipeline pipeline = load_pipeline(std::filesystem::path(MEZZOTINT_MODELS) / "emoji-32");
  const Weights wanted = read_safetensors(std::filesystem::path(MEZZOTINT_TEST_DATA) /
                                          "pipelines/data/guided.safetensors")
                             .weights;
  const SchedulerPtr scheduler = pipeline.scheduler("ddim", 40);
  const Tensor noise = wanted.at("noise");
  const LossResources resources{.height = noise.size(2), .width = noise.size(3)};
  Guidance guidance;
  guidance.terms = {make_term("color:rgb=0.1,0.9,0.5,scale=40,norm=batch", resources)};
  guidance.methods = parse_methods(std::to_string(GetParam()), "test");
  const PredictFor predict_for = [&](int64_t, int64_t) { return pipeline.predict(); };
  for (const int64_t chunk : {3, 2}) {
    SCOPED_TRACE(chunk);
    const Steer steer = guided(*scheduler, guidance, {.predict_for = predict_for, .chunk = chunk});
    const Tensor got = sample(steer, *scheduler, noise, {});
    const Tensor expected = wanted.at("method_" + std::to_string(GetParam()));
    const auto levels = [](const Tensor& x) { return ((x / 2 + 0.5).clamp(0, 1) * 255).round(); };
    EXPECT_LE((levels(got) - levels(expected)).abs().max().item<double>(), 2);
    const Tensor unsteered_ = sample(pipeline.predict(), *scheduler, noise, {});
    EXPECT_GT((levels(got) - levels(unsteered_)).abs().max().item<double>(), 20);
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, GuidanceParity, testing::Values(1, 2));

}  // namespace
}  // namespace mezzotint
