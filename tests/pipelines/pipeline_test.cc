#include "mezzotint/pipelines/pipeline.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"

#include "tests/pipelines/temporary_pipeline.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

std::string error_of(const fs::path& folder) {
  try {
    load_pipeline(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

#define EXPECT_ERROR(folder, words) \
  EXPECT_NE(error_of(folder).find(words), std::string::npos) << error_of(folder)

TEST(LoadPipeline, ReadsWhatDiffusersWrote) {
  const Pipeline pipeline = load_pipeline(reference_pipeline());
  EXPECT_EQ(pipeline.class_name, "DDPMPipeline");
  EXPECT_EQ(pipeline.own_scheduler(), "DDPMScheduler");
  EXPECT_EQ(pipeline.image_channels(), 3);
  EXPECT_EQ(pipeline.unet->sample_size(), (std::pair<int64_t, int64_t>(8, 12)));
  EXPECT_FALSE(pipeline.class_conditional());
  EXPECT_TRUE(pipeline.warnings.empty());
}

TEST(LoadPipeline, TakesAFlatRepositoryAndPrefersFolders) {
  const TemporaryPipeline flat;
  for (const char* file : {"unet/config.json", "unet/diffusion_pytorch_model.safetensors",
                           "scheduler/scheduler_config.json"})
    fs::copy(flat.path() / file, flat.path());
  const TemporaryPipeline both;
  both.write("config.json", "{\"_class_name\": \"SomethingElse\"}");
  EXPECT_EQ(load_pipeline(both.path()).image_channels(), 3);
  fs::remove_all(flat.path() / "unet");
  fs::remove_all(flat.path() / "scheduler");
  EXPECT_EQ(load_pipeline(flat.path()).own_scheduler(), "DDPMScheduler");
}

TEST(LoadPipeline, TakesABareNetwork) {
  const Pipeline pipeline = load_pipeline(reference_pipeline() / "unet");
  EXPECT_EQ(pipeline.own_scheduler(), "DDPMScheduler");
  ASSERT_EQ(pipeline.warnings.size(), 1u);
  EXPECT_NE(pipeline.warnings[0].find("has no scheduler"), std::string::npos);
}

TEST(LoadPipeline, RefusesCodeAndWhatItDoesNotKnow) {
  const TemporaryPipeline folder;
  const auto with_index = [&](const std::string& text) {
    folder.write("model_index.json", text);
    return folder.path();
  };
  EXPECT_ERROR(with_index(R"({"_class_name": ["my_pipeline", "MyPipeline"]})"), "code");
  EXPECT_ERROR(with_index(R"({"_class_name": "StableDiffusionPipeline"})"),
               "StableDiffusionPipeline");
  EXPECT_ERROR(with_index(R"({"_class_name": "DDPMPipeline", "unet": ["evil", "Net"],
                              "scheduler": ["diffusers", "DDPMScheduler"]})"),
               "evil");
  EXPECT_ERROR(with_index(R"({"_class_name": "DDPMPipeline", "unet": [null, null]})"), "unet");
  EXPECT_ERROR(with_index("{"), "model_index.json");
  EXPECT_ERROR(folder.path() / "nothing", "no such folder");
}

/// The weights of a class-conditional pipeline under the keys of the course's ClassConditionedUnet.
Weights course_state_dict(const Pipeline& pipeline) {
  Weights weights;
  weights.set("class_emb.weight", pipeline.class_emb);
  for (const auto& [key, tensor] : pipeline.unet->parameters())
    weights.set("model." + key, tensor.contiguous());
  return weights;
}

TEST(LoadPipeline, TakesTheCoursesStateDict) {
  const TemporaryPipeline folder;
  Pipeline made;
  made.unet = std::make_shared<UNet2DModel>(
      nlohmann::json{{"sample_size", 28},
                     {"in_channels", 1 + 2},
                     {"out_channels", 1},
                     {"layers_per_block", 1},
                     {"block_out_channels", {32, 64}},
                     {"down_block_types", {"DownBlock2D", "AttnDownBlock2D"}},
                     {"up_block_types", {"AttnUpBlock2D", "UpBlock2D"}}},
      RandomStream(2));
  made.class_emb = RandomStream(3).randn({10, 2});
  const fs::path file = folder.path() / "net.safetensors";
  write_safetensors(file, course_state_dict(made));
  const Pipeline back = load_pipeline(file);
  EXPECT_EQ(back.class_count(), 10);
  EXPECT_EQ(back.image_channels(), 1);
  ASSERT_EQ(back.warnings.size(), 1u);
  RandomStream stream(4);
  const Tensor x = stream.randn({2, 1, 28, 28}), t = at::tensor({5L, 900L});
  const Tensor labels = at::tensor({9L, 0L});
  EXPECT_TRUE(at::equal(back.predict(labels)(x, t), made.predict(labels)(x, t)));
  save_pipeline(back, folder.path() / "saved");
  EXPECT_EQ(load_pipeline(folder.path() / "saved").class_count(), 10);
}

TEST(LoadPipeline, RefusesAFileThatNamesNoArchitecture) {
  EXPECT_ERROR(reference_pipeline() / "unet/diffusion_pytorch_model.safetensors",
               "without a configuration");
}

TEST(LoadPipeline, KeepsUnknownKeysWithAWarning) {
  const TemporaryPipeline folder;
  nlohmann::json config = read_json(folder.path() / "unet/config.json");
  config["from_the_future"] = 3;
  write_json(folder.path() / "unet/config.json", config);
  const Pipeline pipeline = load_pipeline(folder.path());
  ASSERT_EQ(pipeline.warnings.size(), 1u);
  EXPECT_NE(pipeline.warnings[0].find("'from_the_future'"), std::string::npos);
  save_pipeline(pipeline, folder.path() / "saved");
  EXPECT_EQ(read_json(folder.path() / "saved/unet/config.json").at("from_the_future"), 3);
}

TEST(PipelineScheduler, RefusesTimestepZeroWhereItsLogarithmIsTaken) {
  Pipeline pipeline = load_pipeline(reference_pipeline());
  nlohmann::json config = pipeline.unet->config();
  config["time_embedding_type"] = "fourier";
  pipeline.unet = std::make_shared<UNet2DModel>(config, RandomStream(1));
  EXPECT_THROW(pipeline.scheduler("ddpm", 10), Error);
  pipeline.scheduler_config["steps_offset"] = 1;
  EXPECT_EQ(pipeline.scheduler("ddpm", 10)->timesteps().back(), 1);
}

TEST(SavePipeline, WritesTheSameFilesAsDiffusers) {
  const TemporaryPipeline folder;
  save_pipeline(load_pipeline(folder.path()), folder.path() / "saved");
  for (const char* file : {"model_index.json", "scheduler/scheduler_config.json",
                           "unet/config.json", "unet/diffusion_pytorch_model.safetensors"})
    EXPECT_EQ(read_file(folder.path() / "saved" / file), read_file(reference_pipeline() / file))
        << file;
}

TEST(SavePipeline, ReplacesWhatWasThere) {
  const TemporaryPipeline folder;
  folder.write("unet/diffusion_pytorch_model.fp16.safetensors", "stale");
  save_pipeline(load_pipeline(reference_pipeline()), folder.path());
  EXPECT_FALSE(fs::exists(folder.path() / "unet/diffusion_pytorch_model.fp16.safetensors"));
  EXPECT_EQ(load_pipeline(folder.path()).image_channels(), 3);
}

TEST(SavePipeline, ClassesComeBack) {
  const TemporaryPipeline folder;
  Pipeline pipeline = load_pipeline(folder.path());
  RandomStream stream(1);
  pipeline.class_name = "ClassConditionedDDPMPipeline";
  pipeline.class_emb = stream.randn({4, 1});
  pipeline.class_names = {"shirt", "shoe", "bag", "coat"};
  save_pipeline(pipeline, folder.path() / "saved");
  const Pipeline back = load_pipeline(folder.path() / "saved");
  EXPECT_TRUE(at::equal(back.class_emb, pipeline.class_emb));
  EXPECT_EQ(back.class_names, pipeline.class_names);
  EXPECT_EQ(back.image_channels(), 2);
  EXPECT_EQ(back.class_count(), 4);
  const Tensor x = stream.randn({2, 2, 8, 12}), t = at::tensor({5L, 900L});
  const Tensor labels = at::tensor({3L, 0L});
  EXPECT_TRUE(at::equal(back.predict(labels)(x, t), pipeline.predict(labels)(x, t)));
  EXPECT_THROW(back.predict(), Error);
}

}  // namespace
}  // namespace mezzotint
