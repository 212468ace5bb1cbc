// Recipe `clip`: pictures and their texts learn to point the same way.
#include <algorithm>
#include <filesystem>

#include <ATen/ops/stack.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/data/transform.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/models/byte_pair_training.h"
#include "mezzotint/models/clip_config.h"
#include "mezzotint/models/clip_vocabulary.h"
#include "mezzotint/pipelines/clip_save.h"
#include "mezzotint/training/augmentation.h"
#include "mezzotint/training/contrastive_learner.h"
#include "mezzotint/training/prepared_run.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// Everything that a tokenizer of these data should know.
std::vector<std::string> all_texts(const ContrastiveData& data) {
  std::vector<std::string> texts;
  const auto add = [&](const std::vector<std::string>& more) {
    texts.insert(texts.end(), more.begin(), more.end());
  };
  for (const CaptionedPicture& picture : data.captions) {
    add({picture.text});
    add(picture.names);
    add(picture.keywords);
    add(picture.groups);
    add(picture.translations);
  }
  for (const Meaning& meaning : data.meanings) {
    add(meaning.words);
    add({meaning.definition});
  }
  return texts;
}

ClipVocabulary vocabulary_for(const ContrastiveConfig& config, const ContrastiveData& data) {
  if (config.tokenizer.empty()) return learn_byte_pairs(all_texts(data), config.vocabulary);
  const fs::path folder = config.tokenizer;
  return read_vocab_and_merges(read_json(folder / "vocab.json"), read_file(folder / "merges.txt"));
}

class ContrastiveRun final : public PreparedRun {
 public:
  explicit ContrastiveRun(RunConfig resolved) {
    config = std::move(resolved);
    check(config.augmentation);
    if (!config.init.empty()) fail_usage("training: recipe clip starts from random weights only");
    std::error_code none;
    config.data = fs::absolute(config.data, none).lexically_normal().string();
    data_.captions = read_captions(config.data);
    data_.meanings = read_thesaurus(config.data);
    vocabulary_ = vocabulary_for(config.contrastive, data_);
    make_model();
    read_pictures();
    clip_.preprocessing = {{normalization_.mean.begin(), normalization_.mean.end()},
                           {normalization_.std.begin(), normalization_.std.end()},
                           clip_.model->image_size()};
    const auto pictures = static_cast<int64_t>(data_.captions.size());
    const int64_t batch = config.training.batch_size;
    plan = plan_training(config.training, (pictures + batch - 1) / batch);
  }

  std::unique_ptr<Learner> learner(const fs::path&) override {
    return std::make_unique<ContrastiveLearner>(*clip_.model, *tokenizer_, data_, normalization_,
                                                config.contrastive, config.augmentation,
                                                config.training);
  }
  void try_data() const override {}  // every picture has been read

  void save(const std::optional<Ema>& ema, const fs::path& folder) const override {
    const UseAverage average(ema ? &*ema : nullptr, clip_.model->parameters().under("clip."));
    save_clip(clip_, vocabulary_, folder);
  }

  std::vector<std::string> describe() const override {
    size_t keywords = 0, held_out = 0;
    for (const CaptionedPicture& picture : data_.captions) {
      keywords += picture.keywords.size();
      held_out += picture.held_out.size();
    }
    return {concat("data: ", counted(data_.captions.size(), "picture"), ", ",
                   counted(keywords, "keyword"), " and ", held_out, " held out, ",
                   counted(data_.meanings.size(), "meaning"), " in the thesaurus"),
            concat("network: CLIP, ", in_millions(clip_.model->parameters().element_count()),
                   " parameters, pictures ", clip_.model->image_size(), "x",
                   clip_.model->image_size(), ", texts of ", clip_.model->context_length(),
                   " tokens of ", clip_.model->vocab_size(), ", from scratch")};
  }

 private:
  /// The configuration's towers, with the tokenizer's numbers.
  void make_model() {
    const auto tokens = static_cast<int64_t>(vocabulary_.ids.size());
    const auto id = [&](const char* token) { return vocabulary_.ids.at(token); };
    nlohmann::json& text = config.model["text_config"];
    text.update({{"vocab_size", tokens},
                 {"bos_token_id", id("<|startoftext|>")},
                 {"eos_token_id", id("<|endoftext|>")},
                 {"pad_token_id", id("<|endoftext|>")}});
    try {
      clip_.model = std::make_shared<CLIPModel>(
          config.model, RandomStream(stream_seed(config.training.seed, "weights")));
    } catch (const Error& error) {
      fail_usage(error.what());  // these are settings of the run, not a model's file
    }
    config.model = clip_.model->config();
    ClipTokenizerConfig tokenizer;
    tokenizer.context_length = clip_.model->context_length();
    tokenizer_ = std::make_unique<ClipTokenizer>(vocabulary_, tokenizer);
  }

  void read_pictures() {
    config.transform.height = config.transform.width = clip_.model->image_size();
    config.transform.channels = 3;
    config.transform.horizontal_flip = false;
    std::vector<Tensor> pictures;
    for (const CaptionedPicture& picture : data_.captions)
      pictures.push_back(
          transform(read_image(fs::path(config.data) / picture.file), config.transform, 0));
    data_.pictures_bchw = at::stack(pictures);
    take_normalization(data_.pictures_bchw / 2 + 0.5);
  }

  /// The network sees pictures less their mean colour, over its deviation, as CLIP does.
  void take_normalization(const Tensor& x_bchw) {
    constexpr double kLeast = 0.02;  // of a channel that is always the same
    for (int64_t c = 0; c < 3; ++c) {
      const Tensor channel = x_bchw.select(1, c);
      normalization_.mean[static_cast<size_t>(c)] = channel.mean().item<double>();
      normalization_.std[static_cast<size_t>(c)] = std::max(channel.std().item<double>(), kLeast);
    }
  }

  ContrastiveData data_;
  ClipVocabulary vocabulary_;
  std::unique_ptr<ClipTokenizer> tokenizer_;
  PixelNormalization normalization_;
  Clip clip_;
};

PreparedRunPtr prepare_contrastive(RunConfig config, StartWeights) {
  return std::make_unique<ContrastiveRun>(std::move(config));
}

const Registered<Recipe> kClip("clip", {"a CLIP learns which texts belong to which pictures",
                                        prepare_contrastive});

}  // namespace
}  // namespace mezzotint
