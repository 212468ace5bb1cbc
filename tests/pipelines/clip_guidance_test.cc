// The course's CLIP loss with given cutouts, against torchvision and transformers:
// tools/reference/guidance.py.
#include <filesystem>

#include <gtest/gtest.h>

#include "mezzotint/guidance/loss_gradient.h"
#include "mezzotint/guidance/make_term.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/joint_embedding.h"

namespace mezzotint {
namespace {

const std::filesystem::path kData = std::filesystem::path(MEZZOTINT_TEST_DATA) / "pipelines/data";

TEST(ClipGuidance, GradientsEqualTheCourses) {
  const Weights wanted = read_safetensors(kData / "clip_guidance.safetensors").weights;
  LossResources resources{.height = 24, .width = 20};
  resources.clip = [&](const std::string&) {
    JointEmbedding joint = joint_embedding(load_clip(kData / "clip/transformers"), nullptr);
    joint.texts = [&wanted](const std::vector<std::string>& texts) {
      return wanted.at("text").narrow(0, texts.at(0) == "one" ? 0 : 1, 1);
    };
    return joint;
  };
  const GuidanceTerm term =
      make_term("clip:one|two,cuts=3,draw=batch,range=raw,min_area=0.08", resources);
  const LossGradient got = loss_gradient(term, wanted.at("x0"), {.step = 7, .steps = 50});
  EXPECT_NEAR(got.loss_b.mean().item<double>(), wanted.at("loss").item<double>(), 1e-5);
  // The course's loss is the mean over the batch.
  const Tensor difference = got.x0 / 2 - wanted.at("gradient");
  const double scale = wanted.at("gradient").abs().max().item<double>();
  EXPECT_LE(difference.abs().max().item<double>(), 1e-4 * scale);
}

}  // namespace
}  // namespace mezzotint
