#include "mezzotint/pipelines/model_kind.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/pipelines/pipeline.h"

#include "tests/pipelines/temporary_pipeline.h"

namespace mezzotint {
namespace {

const std::filesystem::path kData = std::filesystem::path(MEZZOTINT_TEST_DATA) / "pipelines/data";

TEST(ModelKind, ClipsInEveryForm) {
  for (const char* name : {"transformers", "open_clip", "openai.pt"})
    EXPECT_EQ(model_kind(kData / "clip" / name), ModelKind::kClip) << name;
}

TEST(ModelKind, PipelinesAndNetworksOfDiffusers) {
  EXPECT_EQ(model_kind(kData / "ddpm"), ModelKind::kDiffusion);
  EXPECT_EQ(model_kind(kData / "classes"), ModelKind::kDiffusion);
  EXPECT_EQ(model_kind(kData / "ddpm/unet"), ModelKind::kDiffusion);
  EXPECT_EQ(model_kind(kData / "ddpm/unet/diffusion_pytorch_model.safetensors"),
            ModelKind::kDiffusion);
}

TEST(ModelKind, Adapters) {
  for (const char* name : {"lora/style", "lora/style/adapter_model.safetensors"})
    EXPECT_EQ(model_kind(kData / name), ModelKind::kLora) << name;
  EXPECT_THROW(load_pipeline(kData / "lora/style"), Error);
}

TEST(ModelKind, WhatSaysNothingIsLeftToTheLoaderOfPipelines) {
  const TemporaryPipeline folder;
  std::filesystem::remove(folder.path() / "model_index.json");
  EXPECT_EQ(model_kind(folder.path()), ModelKind::kDiffusion);
  for (const char* config : {"[]", "7", "{}", R"({"model_type": 3, "_class_name": null})"}) {
    folder.write("config.json", config);
    EXPECT_EQ(model_kind(folder.path()), ModelKind::kDiffusion) << config;
  }
  folder.write("config.json", R"({"_class_name": "PictureClassifier"})");
  EXPECT_EQ(model_kind(folder.path()), ModelKind::kClassifier);
  folder.write("model_index.json", "{}");
  EXPECT_EQ(model_kind(folder.path()), ModelKind::kDiffusion);
}

}  // namespace
}  // namespace mezzotint
