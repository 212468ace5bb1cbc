// Recipe `classifier`: a small network learns to tell the classes of the data apart.
#include <filesystem>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/pipelines/classifier_folder.h"
#include "mezzotint/training/augmentation.h"
#include "mezzotint/training/classifier_learner.h"
#include "mezzotint/training/prepared_run.h"

namespace mezzotint {
namespace {

class ClassifierRun final : public PreparedRun {
 public:
  explicit ClassifierRun(RunConfig resolved) {
    config = std::move(resolved);
    check(config.augmentation);
    if (!config.init.empty())
      fail_usage("training: recipe classifier starts from random weights only");
    dataset_ = open_dataset(config.data, config.split);
    if (config.split == "train") test_ = open_split(config.data, "test");
    if (config.class_names.empty()) config.class_names = dataset_->class_names();
    if (config.class_names.size() < 2)
      fail_usage("training: the data has no classes to tell apart: ", config.data,
                 "; put the pictures of each class in a folder of its own");
    make_network();
    std::error_code none;
    if (std::filesystem::exists(config.data, none))
      config.data = std::filesystem::absolute(config.data).lexically_normal().string();
    plan = plan_training(config.training, loader(dataset_, true).batches_per_epoch());
  }

  std::unique_ptr<Learner> learner(const std::filesystem::path&) override {
    const auto test = test_ ? std::make_shared<const Loader>(loader(test_, false))
                            : std::shared_ptr<const Loader>();
    return std::make_unique<ClassifierLearner>(*classifier_, loader(dataset_, true), test,
                                               config.augmentation, config.training);
  }

  void try_data() const override { loader(dataset_, true).batch(0, 0); }

  void save(const std::optional<Ema>& ema, const std::filesystem::path& folder) const override {
    const UseAverage average(ema ? &*ema : nullptr, classifier_->parameters().under("classifier."));
    save_classifier(*classifier_, folder);
  }

  std::vector<std::string> describe() const override {
    return {"data: " + dataset_->describe(),
            concat("network: classifier, ",
                   counted(classifier_->parameters().element_count(), "parameter"), ", pictures ",
                   config.transform.width, "x", config.transform.height, "x",
                   config.transform.channels, ", ",
                   test_ ? concat("accuracy on ", counted(test_->size(), "picture"))
                         : std::string("no test split to measure accuracy on"))};
  }

 private:
  void make_network() {
    PictureClassifierConfig network;
    from_json_strict(network, config.model, "model");
    network.in_channels = config.transform.channels;
    network.num_classes = static_cast<int64_t>(config.class_names.size());
    network.class_names = config.class_names;
    config.model = to_json(network);
    const int64_t height = config.transform.height, width = config.transform.width;
    if (height <= 0)
      fail_usage("training: the size of the pictures isn't known; give --image-size");
    try {
      classifier_ = std::make_unique<PictureClassifier>(
          network, RandomStream(stream_seed(config.training.seed, "weights")));
    } catch (const Error& error) {
      fail_usage(error.what());  // these are settings of the run, not a model's file
    }
    const int64_t multiple = classifier_->size_multiple();
    if (height % multiple != 0 || width % multiple != 0)
      fail_usage("training: pictures of ", height, "x", width,
                 " don't halve evenly in this network; height and width must be multiples of ",
                 multiple);
  }

  Loader loader(const DatasetPtr& dataset, bool shuffle) const {
    Loader::Options options;
    options.batch_size = config.training.batch_size;
    options.seed = stream_seed(config.training.seed, "data");
    options.shuffle = shuffle;
    options.on_damaged = config.on_damaged;
    TransformConfig transform = config.transform;
    if (!shuffle) transform.horizontal_flip = false;
    return {dataset, transform, options};
  }

  DatasetPtr dataset_, test_;
  std::unique_ptr<PictureClassifier> classifier_;
};

PreparedRunPtr prepare_classifier(RunConfig config, StartWeights) {
  return std::make_unique<ClassifierRun>(std::move(config));
}

const Registered<Recipe> kClassifier("classifier",
                                     {"a small network learns to tell the data's classes apart",
                                      prepare_classifier});

}  // namespace
}  // namespace mezzotint
