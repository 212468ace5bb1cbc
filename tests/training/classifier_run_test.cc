#include <fstream>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/io/image_tensor.h"
#include "mezzotint/pipelines/classifier_folder.h"
#include "mezzotint/training/prepared_run.h"
#include "mezzotint/training/run.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

Image colored(uint8_t red, uint8_t blue) {
  Image image{.width = 8, .height = 8, .channels = 3};
  for (int i = 0; i < 64; ++i) {
    const uint8_t rgb[] = {red, static_cast<uint8_t>(i), blue};
    image.pixels.insert(image.pixels.end(), rgb, rgb + 3);
  }
  return image;
}

/// Two classes of four pictures each, in a train and a test split.
void write_data(const std::filesystem::path& folder) {
  for (const char* split : {"train", "test"})
    for (const char* name : {"blue", "red"}) {
      const std::filesystem::path place = folder / split / name;
      std::filesystem::create_directories(place);
      for (int k = 0; k < 4; ++k) {
        const auto level = static_cast<uint8_t>(200 + 10 * k);
        write_png(place / (std::to_string(k) + ".png"),
                  name[0] == 'r' ? colored(level, 0) : colored(0, level));
      }
    }
}

RunConfig tiny_classifier(const std::filesystem::path& data) {
  RunConfig config;
  overlay(config, nlohmann::json::parse(R"({
    "recipe": "classifier",
    "training": {"batch_size": 4, "num_epochs": 20, "lr": 1e-2, "log_samples_every": 0},
    "transform": {"height": 8, "width": 8, "channels": 3},
    "augmentation": {"color": 0.02, "noise": 0.2},
    "model": {"block_out_channels": [8], "norm_num_groups": 4}
  })"),
          "test");
  config.data = data.string();
  return config;
}

TEST(ClassifierRun, APatternThatNamesNothingLeavesNoFolder) {
  const ScratchFolder scratch;
  write_data(scratch / "data");
  RunConfig config = tiny_classifier(scratch / "data");
  config.training.freeze = {"nothing*"};
  EXPECT_NE(error_of([&] { start_run(config, scratch / "run"); }).find("freeze: no parameter"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(scratch / "run"));
}

TEST(ClassifierRun, LearnsItsClasses) {
  const ScratchFolder scratch;
  write_data(scratch / "data");
  const auto kept = std::make_shared<Kept>();
  RunHooks hooks;
  hooks.on_start = [&](const PreparedRun&, const Position&) {
    return std::vector<LoggerPtr>{kept};
  };
  start_run(tiny_classifier(scratch / "data"), scratch / "run", hooks);
  EXPECT_EQ(kept->numbers("accuracy").back(), 1);
  const PictureClassifier classifier = load_classifier(scratch / "run/model");
  EXPECT_EQ(classifier.config().class_names, (std::vector<std::string>{"blue", "red"}));
  const Tensor red = image_to_tensor(colored(230, 0)).unsqueeze(0) * 2 - 1;
  EXPECT_EQ(as_loss_resource(classifier).logits(red).argmax(1).item<int64_t>(), 1);
}

TEST(ClassifierRun, SaysWhatIsWrong) {
  const ScratchFolder scratch;
  write_data(scratch / "data");
  RunConfig config = tiny_classifier(scratch / "data");
  config.transform.height = config.transform.width = 0;
  EXPECT_NE(error_of([&] { prepare_run(config); }).find("give --image-size"), std::string::npos);
  config.transform.height = config.transform.width = 7;
  EXPECT_NE(error_of([&] { prepare_run(config); }).find("multiples of 2"), std::string::npos);
  config = tiny_classifier(scratch / "data");
  config.training.snr_gamma = 5;
  EXPECT_NE(error_of([&] { prepare_run(config); }).find("snr_gamma is of recipe diffusion"),
            std::string::npos);
  config = tiny_classifier(scratch / "data/train/red");
  EXPECT_NE(error_of([&] { prepare_run(config); }).find("no classes to tell apart"),
            std::string::npos);
  EXPECT_NE(error_of([&] { load_classifier(scratch / "data"); }).find("has no config.json"),
            std::string::npos);
  write_file_atomic(scratch / "data/config.json", R"({"_class_name": "UNet2DModel"})");
  EXPECT_NE(error_of([&] { load_classifier(scratch / "data"); }).find("is no PictureClassifier"),
            std::string::npos);
}

}  // namespace
}  // namespace mezzotint
