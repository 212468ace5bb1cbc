#include "mezzotint/pipelines/pipeline.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/random.h"
#include "mezzotint/io/files.h"

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

TEST(SavePipeline, WritesTheSameFilesAsDiffusers) {
  const TemporaryPipeline folder;
  save_pipeline(load_pipeline(folder.path()), folder.path() / "saved");
  for (const char* file : {"model_index.json", "scheduler/scheduler_config.json",
                           "unet/diffusion_pytorch_model.safetensors"})
    EXPECT_EQ(read_file(folder.path() / "saved" / file), read_file(reference_pipeline() / file))
        << file;
  // The network's configuration may say more: diffusers leaves out nothing but its own defaults'
  // history.
  EXPECT_EQ(read_json(folder.path() / "saved/unet/config.json"),
            read_json(reference_pipeline() / "unet/config.json"));
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
