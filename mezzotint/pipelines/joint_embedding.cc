#include "mezzotint/pipelines/joint_embedding.h"

#include <algorithm>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/great_circle.h"
#include "mezzotint/pipelines/load_clip_tokenizer.h"

namespace mezzotint {

JointEmbedding joint_embedding(const Clip& clip,
                               const std::shared_ptr<const ClipTokenizer>& tokenizer) {
  JointEmbedding joint;
  joint.image_size = clip.model->image_size();
  MEZZO_CHECK(clip.preprocessing.mean.size() == 3 && clip.preprocessing.std.size() == 3,
              clip.path.string(), ": wanted a mean and a deviation for each of 3 channels");
  std::ranges::copy(clip.preprocessing.mean, joint.normalization.mean.begin());
  std::ranges::copy(clip.preprocessing.std, joint.normalization.std.begin());
  joint.images = [model = clip.model](const Tensor& pixels) { return model->image_embeds(pixels); };
  joint.texts = [model = clip.model, tokenizer](const std::vector<std::string>& texts) {
    const c10::Device device = model->logit_scale().device();
    return model->text_embeds(tokenizer->encode(texts).to(device));
  };
  return joint;
}

JointEmbedding load_joint_embedding(const std::filesystem::path& path,
                                    const ClipLoadOptions& options) {
  const Clip clip = load_clip(path, options);
  return joint_embedding(clip, std::make_shared<const ClipTokenizer>(load_clip_tokenizer(clip)));
}

Tensor unit_image_embeds(const JointEmbedding& embedding, const Tensor& x_bchw) {
  return unit_vectors(embedding.images(embedding.normalization(x_bchw)));
}

Tensor unit_text_embeds(const JointEmbedding& embedding, const std::vector<std::string>& texts) {
  return unit_vectors(embedding.texts(texts));
}

}  // namespace mezzotint
