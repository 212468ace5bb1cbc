#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "mezzotint/data/captions.h"
#include "mezzotint/guidance/pixel_normalization.h"
#include "mezzotint/models/clip_model.h"
#include "mezzotint/training/augmentation_config.h"
#include "mezzotint/training/caption_texts.h"
#include "mezzotint/training/contrastive_config.h"
#include "mezzotint/training/learner.h"
#include "mezzotint/training/retrieval.h"
#include "mezzotint/training/train_config.h"

namespace mezzotint {

/// What a CLIP learns from: pictures as they are stored, their texts, and a thesaurus perhaps.
struct ContrastiveData {
  Tensor pictures_bchw;                    ///< [N, 3, image_size, image_size] in [-1, 1]
  std::vector<CaptionedPicture> captions;  ///< one for each
  std::vector<Meaning> meanings;
};

/// A CLIP learning which texts belong to which pictures. Three losses are added up: each picture of
/// the data has an anchor, a vector that is learned with the network, to which all its augmented
/// versions and all its texts are drawn, away from all others (so a text is held against every
/// picture of the data, not only a batch's); the pictures and texts of a batch are held against
/// each other as in CLIP; and texts of one meaning, from a thesaurus, against others, which teaches
/// words that no picture is called.
///
/// What is drawn follows from seed, epoch and index: there are no streams.
class ContrastiveLearner final : public Learner {
 public:
  /// @param model is trained in place; it, `tokenizer` and `data` outlive this.
  ContrastiveLearner(const CLIPModel& model, const ClipTokenizer& tokenizer,
                     const ContrastiveData& data, const PixelNormalization& normalization,
                     const ContrastiveConfig& config, const AugmentationConfig& augmentation,
                     const TrainConfig& training);

  /// "clip.KEY"; "anchors" [N, D] and "text_scale", which belong to training alone.
  const Weights& parameters() const override { return parameters_; }
  std::map<std::string, RandomStream> streams() const override { return {}; }
  int64_t micro_batches_per_epoch() const override;
  MicroBatch micro_batch(int64_t epoch, int64_t index) override;
  void set_training(bool on) override { static_cast<void>(on); }
  bool has_shown(const Position& at, bool /*raw*/) const override;
  /// Numbers "retrieval_names", "retrieval_keywords" and, where there are any,
  /// "retrieval_held_out": how often a text finds its picture among a hundred.
  void show(const Showing& showing) override;

 private:
  struct Drawn;
  Drawn draw(int64_t epoch, int64_t index) const;
  Tensor loss(const Drawn& drawn) const;
  Tensor loss_of_pairs(const std::vector<TextPair>& pairs) const;
  Tensor unit_pictures(const Tensor& x_bchw) const;
  Tensor unit_texts(const std::vector<int64_t>& texts) const;
  void collect_cases();

  const CLIPModel& model_;
  const ContrastiveData& data_;
  PixelNormalization normalization_;
  ContrastiveConfig config_;
  AugmentationConfig augmentation_;
  TrainConfig training_;
  CaptionTexts texts_;
  Weights parameters_;
  std::vector<RetrievalCase> names_, keywords_, held_out_;  ///< texts are numbers in texts_
  int64_t shown_ = -1;
};

}  // namespace mezzotint
