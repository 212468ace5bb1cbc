#include "mezzotint/training/contrastive_learner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/great_circle.h"
#include "mezzotint/training/augmentation.h"
#include "mezzotint/training/contrastive_loss.h"

namespace mezzotint {
namespace {

constexpr double kLargestScale = 100;     // of the cosines, as in CLIP
constexpr double kLargestTextScale = 60;  // of those between texts
constexpr double kFirstTextScale = 20;

Tensor indices(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong); }

}  // namespace

/// What a micro-batch is made of.
struct ContrastiveLearner::Drawn {
  std::vector<int64_t> pictures;
  std::vector<int64_t> captions;  ///< captions_per_picture for each
  std::vector<TextPair> pairs;
  Tensor augmented_bchw;
};

ContrastiveLearner::ContrastiveLearner(const CLIPModel& model, const ClipTokenizer& tokenizer,
                                       const ContrastiveData& data,
                                       const PixelNormalization& normalization,
                                       const ContrastiveConfig& config,
                                       const AugmentationConfig& augmentation,
                                       const TrainConfig& training)
    : model_(model),
      data_(data),
      normalization_(normalization),
      config_(config),
      augmentation_(augmentation),
      training_(training),
      texts_(data.captions, data.meanings, tokenizer, config),
      parameters_(model.parameters().under("clip.")) {
  const auto pictures = static_cast<int64_t>(data.captions.size());
  MEZZO_CHECK(data.pictures_bchw.size(0) == pictures,
              "contrastive training: ", data.pictures_bchw.size(0), " pictures with ", pictures,
              " captions");
  RandomStream stream(stream_seed(training.seed, "anchors"));
  parameters_.set("anchors", unit_vectors(stream.randn({pictures, model.projection_dim()})));
  parameters_.set("text_scale", at::full({}, std::log(kFirstTextScale), at::kFloat));
  for (const auto& [key, tensor] : parameters_) tensor.requires_grad_(true);
  collect_cases();
}

int64_t ContrastiveLearner::micro_batches_per_epoch() const {
  const auto pictures = static_cast<int64_t>(data_.captions.size());
  return (pictures + training_.batch_size - 1) / training_.batch_size;
}

ContrastiveLearner::Drawn ContrastiveLearner::draw(int64_t epoch, int64_t index) const {
  const auto count = static_cast<int64_t>(data_.captions.size());
  const int64_t first = index * training_.batch_size,
                last = std::min(first + training_.batch_size, count);
  const Tensor order =
      RandomStream(stream_seed(training_.seed, concat("shuffle/", epoch))).randperm(count);
  const std::string here = concat(epoch, '/', index);
  Draws draws(stream_seed(training_.seed, "texts/" + here));
  Drawn drawn;
  for (int64_t i = first; i < last; ++i) {
    drawn.pictures.push_back(order.const_data_ptr<int64_t>()[i]);
    for (int64_t k = 0; k < config_.captions_per_picture; ++k)
      drawn.captions.push_back(texts_.draw_caption(drawn.pictures.back(), draws));
  }
  if (texts_.has_meanings() && config_.text_weight > 0)
    for (int64_t k = 0; k < config_.text_pairs; ++k) drawn.pairs.push_back(texts_.draw_pair(draws));
  const at::NoGradGuard no_gradients;
  RandomStream stream(stream_seed(training_.seed, "augment/" + here));
  drawn.augmented_bchw = augmented(data_.pictures_bchw.index_select(0, indices(drawn.pictures)),
                                   augmentation_, stream);
  return drawn;
}

Tensor ContrastiveLearner::unit_pictures(const Tensor& x_bchw) const {
  return unit_vectors(model_.image_embeds(normalization_(x_bchw / 2 + 0.5)));
}

/// Short texts and long ones apart, so that short ones aren't filled up to the length of the
/// longest. [texts, D], in the order given.
Tensor ContrastiveLearner::unit_texts(const std::vector<int64_t>& texts) const {
  constexpr size_t kPart = 64;
  std::vector<int64_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int64_t i) { return texts_.length(texts[i]); });
  std::vector<Tensor> parts;
  for (size_t begin = 0; begin < order.size(); begin += kPart) {
    std::vector<int64_t> part;
    for (size_t i = begin; i < std::min(begin + kPart, order.size()); ++i)
      part.push_back(texts[order[i]]);
    parts.push_back(model_.text_embeds(texts_.ids(part)));
  }
  std::vector<int64_t> place(texts.size());
  for (size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<int64_t>(i);
  return unit_vectors(at::cat(parts).index_select(0, indices(place)));
}

Tensor ContrastiveLearner::loss(const Drawn& drawn) const {
  const auto pictures = static_cast<int64_t>(drawn.pictures.size()),
             captions = static_cast<int64_t>(drawn.captions.size()),
             all = static_cast<int64_t>(data_.captions.size());
  const Tensor picture_bd = unit_pictures(drawn.augmented_bchw),
               caption_td = unit_texts(drawn.captions),
               scale = model_.logit_scale().exp().clamp_max(kLargestScale);
  Tensor carried_ta = at::zeros({captions, all}, at::kFloat);
  for (int64_t t = 0; t < captions; ++t)
    for (const int64_t owner : texts_.carriers(drawn.captions[t]))
      carried_ta.mutable_data_ptr<float>()[t * all + owner] = 1;
  const Tensor own = indices(drawn.pictures);
  Tensor sum = at::zeros({}, at::kFloat);
  if (config_.anchor_weight > 0) {
    const Tensor anchors = scale * unit_vectors(parameters_.at("anchors")).t();
    Tensor own_ba = at::zeros({pictures, all}, at::kFloat);
    own_ba.scatter_(1, own.unsqueeze(1), 1);
    sum = sum + config_.anchor_weight *
                    (soft_cross_entropy(picture_bd.matmul(anchors), own_ba) +
                     soft_cross_entropy(caption_td.matmul(anchors),
                                        carried_ta / carried_ta.sum(1, /*keepdim=*/true)));
  }
  if (config_.batch_weight > 0)
    sum = sum + 2 * config_.batch_weight *
                    contrastive_loss(scale * caption_td.matmul(picture_bd.t()),
                                     carried_ta.index_select(1, own) > 0);
  if (!drawn.pairs.empty()) sum = sum + config_.text_weight * loss_of_pairs(drawn.pairs);
  return sum;
}

/// Between the two sides of the pairs; those that share a text or a meaning aren't held against
/// each other.
Tensor ContrastiveLearner::loss_of_pairs(const std::vector<TextPair>& pairs) const {
  const auto count = static_cast<int64_t>(pairs.size());
  std::vector<int64_t> texts;
  for (const size_t side : {0, 1})
    for (const TextPair& pair : pairs) texts.push_back(pair.texts[side]);
  Tensor same = at::zeros({count, count}, at::kBool);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t k = 0; k < count; ++k)
      for (const size_t side : {0, 1})
        if (pairs[i].meanings[side] == pairs[k].meanings[side] ||
            pairs[i].texts[side] == pairs[k].texts[side])
          same.mutable_data_ptr<bool>()[i * count + k] = true;
  const Tensor both = unit_texts(texts),
               scale = parameters_.at("text_scale").exp().clamp_max(kLargestTextScale);
  return pair_loss(scale * both.narrow(0, 0, count).matmul(both.narrow(0, count, count).t()), same);
}

MicroBatch ContrastiveLearner::micro_batch(int64_t epoch, int64_t index) {
  const auto drawn = std::make_shared<const Drawn>(draw(epoch, index));
  MicroBatch ready{.pictures = static_cast<int64_t>(drawn->pictures.size())};
  // The loss is one number for the whole batch: its pictures and texts are held against each other.
  ready.losses = [this, drawn](int64_t, int64_t) { return loss(*drawn).view({1}); };
  return ready;
}

void ContrastiveLearner::collect_cases() {
  for (size_t i = 0; i < data_.captions.size(); ++i) {
    const CaptionedPicture& picture = data_.captions[i];
    const auto add = [&](std::vector<RetrievalCase>& cases, const std::string& text) {
      const int64_t number = texts_.add(text);
      cases.push_back({number, static_cast<int64_t>(i), texts_.carriers(number)});
    };
    add(names_, picture.text);
    for (const std::string& keyword : picture.keywords) add(keywords_, keyword);
    for (const std::string& keyword : picture.held_out) add(held_out_, keyword);
  }
  // Pictures that share a held-out keyword aren't held against each other either.
  for (RetrievalCase& one : held_out_)
    for (const RetrievalCase& other : held_out_)
      if (one.text == other.text) one.also_right.push_back(other.picture);
}

bool ContrastiveLearner::has_shown(const Position& at, bool /*raw*/) const {
  return shown_ == at.update;
}

void ContrastiveLearner::show(const Showing& showing) {
  constexpr int64_t kCandidates = 100, kDraws = 10, kPart = 256;
  constexpr size_t kMostCases = 1500;
  const at::NoGradGuard no_gradients;
  shown_ = showing.at.update;
  std::vector<Tensor> parts;
  for (int64_t first = 0; first < data_.pictures_bchw.size(0); first += kPart) {
    showing.cancel.check();
    const int64_t count = std::min(kPart, data_.pictures_bchw.size(0) - first);
    parts.push_back(unit_pictures(data_.pictures_bchw.narrow(0, first, count)));
  }
  const Tensor pictures_pd = at::cat(parts);
  const auto score = [&](const char* name, std::vector<RetrievalCase> cases) {
    if (cases.empty()) return;
    showing.cancel.check();
    std::shuffle(cases.begin(), cases.end(), Draws(1));  // the same ones every time
    if (cases.size() > kMostCases) cases.resize(kMostCases);
    std::vector<int64_t> texts;
    for (RetrievalCase& one : cases) {
      texts.push_back(one.text);
      one.text = static_cast<int64_t>(texts.size()) - 1;
    }
    showing.log(name,
                retrieval_accuracy(unit_texts(texts), pictures_pd, cases, kCandidates, kDraws, 1));
  };
  score("retrieval_names", names_);
  score("retrieval_keywords", keywords_);
  score("retrieval_held_out", held_out_);
}

}  // namespace mezzotint
