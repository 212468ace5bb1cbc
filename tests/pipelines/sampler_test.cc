// Reference pictures: tools/reference/pipelines.py, of the pipeline that it saved.
#include "mezzotint/pipelines/sampler.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/pipeline.h"

#include "tests/pipelines/temporary_pipeline.h"

namespace mezzotint {
namespace {

Weights references() {
  return read_safetensors(std::filesystem::path(MEZZOTINT_TEST_DATA) /
                          "pipelines/data/samples.safetensors")
      .weights;
}

/// Grey levels, as diffusers' pipelines round them.
Tensor levels(const Tensor& pictures_in_0_1) { return (pictures_in_0_1 * 255).round(); }

Tensor sampled(const Pipeline& pipeline, NoiseSource source, int64_t count, int64_t steps = 20,
               double eta = 0) {
  const SchedulerPtr scheduler = pipeline.scheduler("", steps, {.eta = eta});
  const Tensor noise = source.draw({count, 3, 8, 12});
  const Tensor x = sample(pipeline.predict(), *scheduler, noise, source.drawing(noise.sizes()));
  return (x / 2 + 0.5).clamp(0, 1);
}

void expect_within_one_level(const Tensor& got, const Tensor& wanted) {
  ASSERT_EQ(got.sizes(), wanted.sizes());
  EXPECT_LE((levels(got) - levels(wanted)).abs().max().item<double>(), 1.0);
}

TEST(Sample, SameSeedSamePictureAsDiffusers) {
  const Pipeline pipeline = load_pipeline(reference_pipeline());
  const Weights wanted = references();
  expect_within_one_level(sampled(pipeline, NoiseSource::one(0), 1), wanted.at("one"));
  expect_within_one_level(sampled(pipeline, NoiseSource::one(0), 3), wanted.at("three"));
  expect_within_one_level(sampled(pipeline, NoiseSource::per_image({5, 6}), 2),
                          wanted.at("seeds_5_6"));
}

TEST(Sample, ADDIMPipelineGivesItsPictures) {
  const TemporaryPipeline folder;
  std::filesystem::copy(
      reference_pipeline().parent_path() / "ddim", folder.path(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  const Pipeline pipeline = load_pipeline(folder.path());
  EXPECT_EQ(pipeline.class_name, "DDIMPipeline");
  for (const double eta : {0.0, 0.5}) {
    SCOPED_TRACE(eta);
    expect_within_one_level(sampled(pipeline, NoiseSource::per_image({5, 6}), 2, 10, eta),
                            references().at(eta == 0 ? "ddim_eta_0.0" : "ddim_eta_0.5"));
  }
}

TEST(Sample, DDPMDrawsNoNoiseForTheLastStep) {
  const Pipeline pipeline = load_pipeline(reference_pipeline());
  const SchedulerPtr scheduler = pipeline.scheduler("", 20);
  ASSERT_EQ(scheduler->timesteps().back(), 0);
  NoiseSource source = NoiseSource::one(0);
  const Tensor noise = source.draw({1, 3, 8, 12});
  const DrawNoise draw = source.drawing(noise.sizes());
  size_t draws = 0;
  const DrawNoise counted = [&] { return ++draws, draw(); };
  sample(pipeline.predict(), *scheduler, noise, counted);
  EXPECT_EQ(draws, 19u);
}

TEST(Sample, ClassesEqualTheCoursesLoop) {
  const Pipeline pipeline = load_pipeline(reference_pipeline().parent_path() / "classes");
  EXPECT_EQ(pipeline.class_names, (std::vector<std::string>{"shirt", "shoe", "bag"}));
  const SchedulerPtr scheduler = pipeline.scheduler("", 20);
  NoiseSource source = NoiseSource::one(4);
  const Tensor noise = source.draw({3, 1, 8, 8});
  const Tensor labels = at::tensor({2L, 0L, 0L});
  const PredictFor part = [&](int64_t first, int64_t count) {
    return pipeline.predict(labels.narrow(0, first, count));
  };
  const Predict predict = in_chunks(part, 2);
  const Tensor x = sample(predict, *scheduler, noise, source.drawing(noise.sizes()));
  expect_within_one_level((x / 2 + 0.5).clamp(0, 1), references().at("classes_2_0_0"));
}

TEST(Sample, EveryStepEqualsDiffusers) {
  const Pipeline pipeline = load_pipeline(reference_pipeline());
  const Weights wanted = references();
  const SchedulerPtr scheduler = pipeline.scheduler("ddim", 10);
  SampleOptions options;
  size_t steps = 0;
  options.on_step = [&](const SampleProgress& now) {
    SCOPED_TRACE(now.index);
    const Tensor x = wanted.at(concat("x.", now.index)), x0 = wanted.at(concat("x0.", now.index));
    EXPECT_LE((now.step.prev_sample - x).abs().max().item<double>(), 1e-3);
    EXPECT_LE((now.step.pred_original_sample - x0).abs().max().item<double>(), 1e-3);
    ++steps;
  };
  sample(pipeline.predict(), *scheduler, wanted.at("noise"), {}, options);
  EXPECT_EQ(steps, 10u);
}

TEST(Sample, APictureDoesNotDependOnItsBatch) {
  const Pipeline pipeline = load_pipeline(reference_pipeline());
  const Tensor all = sampled(pipeline, NoiseSource::per_image({1, 2, 3}), 3);
  const Tensor alone = sampled(pipeline, NoiseSource::per_image({2}), 1);
  EXPECT_LE((all[1] - alone[0]).abs().max().item<double>(), 1e-4);
}

TEST(Sample, ChunksDoNotShow) {
  const Pipeline pipeline = load_pipeline(reference_pipeline());
  const Weights wanted = references();
  const SchedulerPtr scheduler = pipeline.scheduler("ddim", 4);
  const Tensor whole = sample(pipeline.predict(), *scheduler, wanted.at("noise"), {});
  const Tensor parts = sample(in_chunks(pipeline.predict(), 1), *scheduler, wanted.at("noise"), {});
  EXPECT_LE((whole - parts).abs().max().item<double>(), 1e-4);
}

TEST(Sample, StopsWhenAsked) {
  const Pipeline pipeline = load_pipeline(reference_pipeline());
  SampleOptions options;
  size_t steps = 0;
  options.on_step = [&](const SampleProgress&) {
    if (++steps == 3) options.cancel.cancel();
  };
  try {
    sample(pipeline.predict(), *pipeline.scheduler("ddim", 10), references().at("noise"), {},
           options);
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kCancelled);
  }
  EXPECT_EQ(steps, 3u);
}

TEST(NoiseSource, EachPictureIsTheFirstOfItsSeed) {
  NoiseSource both = NoiseSource::per_image({5, 6});
  RandomStream five(5), six(6);
  for (int draw = 0; draw < 2; ++draw) {
    const Tensor got = both.draw({2, 1, 3, 5});
    EXPECT_TRUE(at::equal(got[0], five.randn({1, 3, 5})));
    EXPECT_TRUE(at::equal(got[1], six.randn({1, 3, 5})));
  }
}

TEST(NoiseSource, WantsAStreamForEachPicture) {
  EXPECT_THROW(NoiseSource::per_image({1, 2}).draw({3, 1, 2, 2}), Error);
}

}  // namespace
}  // namespace mezzotint
