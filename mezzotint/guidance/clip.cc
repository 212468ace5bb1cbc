// Loss `clip`: towards what texts or pictures mean to CLIP.
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/cutouts.h"
#include "mezzotint/guidance/great_circle.h"
#include "mezzotint/guidance/loss_kind.h"
#include "mezzotint/guidance/prompts.h"

namespace mezzotint {
namespace {

/// What a picture is steered towards: unit vectors and their weights.
struct Targets {
  Tensor unit_kd;
  Tensor weight_k;
};

struct ClipLoss {
  std::string text;
  std::string image;
  std::string model;
  int64_t cuts = 4;
  std::string draw = "image";
  std::string range = "unit";
  // Torchvision's (and so the course's) 0.08 shows a small CLIP parts that mean nothing:
  // docs/clip.md has figures.
  CutoutConfig cutouts{.min_area = 0.6};

  void fields(auto& f) {
    f("text", text, "prompts apart by |, each with a weight: red rose | painting:0.5 | blurry:-1");
    f("image", image, "picture files, apart and weighted in the same way");
    f("model", model, "the CLIP that judges; none: the run's");
    f("cuts", cuts, "cutouts whose gradients are averaged in each step; 0: the whole picture");
    f("draw", draw, "cutouts for each picture apart, or the same for the batch as in the course",
      {"image", "batch"});
    f("range", range,
      "CLIP gets [0, 1], which it was trained on, or the model's [-1, 1] as in the course",
      {"unit", "raw"});
    f("min_area", cutouts.min_area, "smallest cutout, as a share of the picture");
    f("max_area", cutouts.max_area, "largest cutout");
    f("degrees", cutouts.degrees, "cutouts are turned by up to so much");
    f("flip", cutouts.flip, "probability of a mirrored cutout");
  }

  GuideLoss make(const LossResources& resources) const {
    check(cutouts);
    if (cuts < 0) fail_usage("loss clip: cuts: got ", cuts, ", wanted 0 or more");
    if (text.empty() && image.empty())
      fail_usage("loss clip: wanted a prompt, such as clip:red rose, or image=FILE");
    check_colors(resources);
    MEZZO_CHECK(resources.clip, "loss clip: there is no CLIP here");
    const JointEmbedding embedding = resources.clip(model);
    const Targets targets = targets_of(resources, embedding);
    return {[*this, resources, embedding, targets](const Tensor& x0_bchw, const GuidePoint& at) {
              const Tensor x = range == "unit" ? x0_bchw / 2 + 0.5 : x0_bchw;
              const Tensor parts = cutouts_of(x, at, resources, embedding.image_size);
              return loss_of(parts, embedding, targets);
            },
            std::max<int64_t>(cuts, 1)};
  }

 private:
  static void check_colors(const LossResources& resources) {
    MEZZO_CHECK(resources.channels == 3 || resources.channels == 1,
                "loss clip: needs pictures of 1 or 3 channels, the model's have ",
                resources.channels);
  }

  static Tensor pixels(const Tensor& x_bchw, const JointEmbedding& embedding) {
    return embedding.normalization(x_bchw.size(1) == 3 ? x_bchw : x_bchw.expand({-1, 3, -1, -1}));
  }

  static Tensor loss_of(const Tensor& x_bchw, const JointEmbedding& embedding,
                        const Targets& targets) {
    const Tensor unit_bd = unit_vectors(embedding.images(pixels(x_bchw, embedding)));
    const Tensor distance_bk = squared_great_circle(unit_bd.unsqueeze(1), targets.unit_kd);
    return (distance_bk * targets.weight_k).sum(1);
  }

  /// The whole picture for no cuts; else one cutout of each.
  Tensor cutouts_of(const Tensor& x_bchw, const GuidePoint& at, const LossResources& resources,
                    int64_t size) const {
    const int64_t height = x_bchw.size(2), width = x_bchw.size(3);
    if (cuts == 0) return cut_out(x_bchw, {.height = height, .width = width}, size);
    const auto draw_for = [&](int64_t image) {
      RandomStream stream(draw_seed(resources, "cutouts", at.step, at.repeat, image));
      return draw_cutout(cutouts, height, width, stream);
    };
    if (draw == "batch") return cut_out(x_bchw, draw_for(0), size);
    std::vector<Tensor> parts;
    for (int64_t k = 0; k < x_bchw.size(0); ++k)
      parts.push_back(cut_out(x_bchw.narrow(0, k, 1), draw_for(at.first_image + k), size));
    return at::cat(parts);
  }

  Targets targets_of(const LossResources& resources, const JointEmbedding& embedding) const {
    std::vector<Tensor> vectors;
    std::vector<double> weights;
    double sum = 0;
    const auto add = [&](const Tensor& vector_1d, double weight) {
      vectors.push_back(unit_vectors(vector_1d));
      weights.push_back(weight);
      sum += std::abs(weight);
    };
    if (!text.empty())
      for (const Prompt& prompt : parse_prompts(text, "loss clip"))
        add(embedding.texts({prompt.text}), prompt.weight);
    if (!image.empty())
      for (const Prompt& prompt : parse_prompts(image, "loss clip: image")) {
        LossResources rgb = resources;
        rgb.channels = 3;
        const Tensor x =
            picture_of(rgb, prompt.text, "clip", embedding.image_size, embedding.image_size);
        add(embedding.images(pixels(x / 2 + 0.5, embedding)), prompt.weight);
      }
    for (double& weight : weights) weight /= sum;
    return {at::cat(vectors).detach(),
            at::tensor(weights, at::kDouble).to(at::kFloat).to(resources.device)};
  }
};

const Registered<LossKind> kClip(
    "clip", loss_kind<ClipLoss>("towards what a text or a picture means to CLIP", "text", 15));

}  // namespace
}  // namespace mezzotint
