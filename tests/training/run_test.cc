#include "mezzotint/training/run.h"

#include <algorithm>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/image.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/training/config_file.h"
#include "mezzotint/training/presets.h"
#include "mezzotint/training/record_files.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

/// Six pictures of 8x8 in two classes.
void write_pictures(const std::filesystem::path& folder) {
  for (int i = 0; i < 6; ++i) {
    const std::filesystem::path part = folder / (i % 2 ? "odd" : "even");
    std::filesystem::create_directories(part);
    Image image{8, 8, 3, std::vector<uint8_t>(8 * 8 * 3, static_cast<uint8_t>(40 * i)), {}};
    write_png(part / concat(i, ".png"), image);
  }
}

RunConfig tiny_config(const std::filesystem::path& data) {
  RunConfig config;
  config.data = data.string();
  config.class_conditional = true;
  config.class_emb_size = 2;
  config.training = tiny_recipe();
  config.training.num_epochs = 2;
  config.training.log_samples_every = 1;
  config.transform.height = config.transform.width = 8;
  config.model = tiny_pipeline(2).unet->config();
  config.model.erase("in_channels");
  return config;
}

TEST(Run, WritesTheFolderThatIsDocumented) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  const RunResult result = start_run(tiny_config(folder / "data"), folder / "run");
  for (const char* name :
       {"config.json", "metrics.jsonl", "metrics.csv", "samples/update-00000000.png",
        "samples/update-00000002.png", "samples/update-00000002-raw.png",
        "samples/before-after.png", "checkpoints/update-00000002/manifest.json",
        "model/model_index.json", "model/class_emb/diffusion_pytorch_model.non_ema.safetensors"})
    EXPECT_TRUE(std::filesystem::exists(folder / "run" / name)) << name;
  EXPECT_FALSE(std::filesystem::is_empty(folder / "run/tensorboard"));
  const Pipeline saved = load_pipeline(result.model);
  for (const auto& [key, tensor] : saved.unet->parameters())
    EXPECT_TRUE(tensor.equal(result.train.ema->average().at("unet." + key))) << key;
  const Weights raw = read_weights_folder(result.model / "unet", "non_ema");
  EXPECT_FALSE(raw.at("conv_in.weight").equal(saved.unet->parameters().at("conv_in.weight")));
  EXPECT_EQ(saved.class_names, (std::vector<std::string>{"even", "odd"}));
}

TEST(Run, AFullFolderIsLeftAlone) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  const std::string message =
      error_of([&] { start_run(tiny_config(folder / "data"), folder / "data"); });
  EXPECT_NE(message.find("isn't an empty folder"), std::string::npos) << message;
}

TEST(Run, ResumesAFinishedRunToTheSameModel) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  start_run(tiny_config(folder / "data"), folder / "run");
  const std::filesystem::path weights =
      folder / "run/model/unet/diffusion_pytorch_model.safetensors";
  const std::string before = read_file(weights);
  const size_t records = read_records(folder / "run/metrics.jsonl").size();
  resume_run(folder / "run");
  EXPECT_EQ(read_file(weights), before);
  EXPECT_GE(read_records(folder / "run/metrics.jsonl").size(), records);
}

std::vector<double> numbers(const std::filesystem::path& run, const std::string& name) {
  std::vector<double> found;
  for (const Record& record : read_records(run / "metrics.jsonl"))
    if (record.name == name && record.number()) found.push_back(*record.number());
  return found;
}

TEST(Run, ValidatesOnPicturesThatItDoesNotLearnFrom) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  RunConfig config = tiny_config(folder / "data");
  config.training.validation_count = 2;
  config.training.validate_every = 1;
  const RunResult result = start_run(config, folder / "run");
  EXPECT_EQ(result.train.position.images, 2 * 4);  // four of six pictures, twice
  const std::vector<double> raw = numbers(folder / "run", "validation_loss"),
                            average = numbers(folder / "run", "validation_loss_ema");
  ASSERT_EQ(raw.size(), 3u);  // before, after the first update, after the last
  ASSERT_EQ(average.size(), 3u);
  EXPECT_EQ(raw.front(), average.front());
  EXPECT_NE(raw.back(), average.back());
  EXPECT_EQ(read_run_config(folder / "run/config.json").pictures, 4);

  // Looking changes nothing: without it the same pictures lead to the same weights.
  config.training.validate_every = 1000;
  start_run(config, folder / "rarely");
  EXPECT_EQ(read_file(folder / "run/model/unet/diffusion_pytorch_model.safetensors"),
            read_file(folder / "rarely/model/unet/diffusion_pytorch_model.safetensors"));
  EXPECT_EQ(numbers(folder / "rarely", "validation_loss").back(), raw.back());
}

TEST(Run, TheValidationIsTheSameForAnyBatch) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  std::vector<double> first;
  for (const int64_t batch : {1, 2, 3}) {
    RunConfig config = tiny_config(folder / "data");
    config.training.validation_count = 3;
    config.training.batch_size = batch;
    config.training.max_train_steps = 1;
    start_run(config, folder / concat("batch-", batch));
    first.push_back(numbers(folder / concat("batch-", batch), "validation_loss").front());
  }
  EXPECT_NEAR(first[0], first[1], 1e-5);
  EXPECT_NEAR(first[0], first[2], 1e-5);
}

TEST(Run, AValidationThatWasInterruptedIsMadeUpFor) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  RunConfig config = tiny_config(folder / "data");
  config.training.validation_count = 2;
  config.training.validate_every = 1;
  RunHooks hooks;
  struct StopAtLoss : Logger {
    explicit StopAtLoss(CancelToken token) : cancel(std::move(token)) {}
    void log(const Record& record) override {
      if (record.name == "loss") cancel.cancel();
    }
    CancelToken cancel;
  };
  hooks.on_start = [&](const PreparedRun&, const Position&) {
    return std::vector<LoggerPtr>{std::make_shared<StopAtLoss>(hooks.cancel)};
  };
  EXPECT_THROW(start_run(config, folder / "run", hooks), Error);
  EXPECT_EQ(numbers(folder / "run", "validation_loss").size(), 1u);
  resume_run(folder / "run");
  EXPECT_EQ(numbers(folder / "run", "validation_loss").size(), 3u);
  EXPECT_EQ(numbers(folder / "run", "validation_loss_ema").size(), 3u);
}

TEST(Run, WrongSettingsLeaveNoFolder) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  RunConfig frozen = tiny_config(folder / "data"), late = frozen, huge = frozen, blind = frozen;
  frozen.training.freeze = {"nosuch.*"};
  late.training.min_timestep = 2000;
  huge.training.num_epochs = std::numeric_limits<int64_t>::max();
  blind.training.validate_every = 5;  // on no pictures
  for (const RunConfig& config : {frozen, late, huge, blind}) {
    EXPECT_THROW(start_run(config, folder / "run"), Error);
    EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  }
}

/// What is left when a process is killed before its first file is whole.
TEST(Run, BeginsWhereAKilledStartLeftItsLock) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  std::filesystem::create_directories(folder / "run");
  write_file_atomic(folder / "run/.lock", "");
  write_file_atomic(folder / "run/.config.json.0123456789ab.tmp", "{");
  start_run(tiny_config(folder / "data"), folder / "run");
  EXPECT_FALSE(std::filesystem::exists(folder / "run/.config.json.0123456789ab.tmp"));
}

TEST(Run, WithoutAGoodCheckpointNothingIsThrownAway) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  start_run(tiny_config(folder / "data"), folder / "run");
  const std::string records = read_file(folder / "run/metrics.jsonl");
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run/checkpoints"))
    std::filesystem::resize_file(entry.path() / "model.safetensors", 10);
  const std::string message = error_of([&] { resume_run(folder / "run"); });
  EXPECT_NE(message.find("none of its checkpoints can be used; damaged checkpoint"),
            std::string::npos)
      << message;
  EXPECT_EQ(read_file(folder / "run/metrics.jsonl"), records);
}

TEST(Run, ResumingAFinishedRunShowsNothingTwice) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  start_run(tiny_config(folder / "data"), folder / "run");
  const auto shown = [&] {
    return std::ranges::count_if(read_records(folder / "run/metrics.jsonl"),
                                 [](const Record& record) { return record.image() != nullptr; });
  };
  const auto before = shown();
  resume_run(folder / "run");
  EXPECT_EQ(shown(), before);
}

TEST(Run, KilledBetweenTheGridsOfRawAndAverageItShowsNeitherTwice) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  start_run(tiny_config(folder / "data"), folder / "run");
  const std::filesystem::path metrics = folder / "run/metrics.jsonl";
  const std::string whole = read_file(metrics);
  const auto grids = [&] {
    std::multiset<std::string> found;
    for (const Record& record : read_records(metrics))
      if (record.image()) found.insert(record.image()->string());
    return found;
  };
  const auto before = grids();
  const size_t average = whole.find("{\"image\":\"samples/update-00000002.png\"}");
  ASSERT_NE(average, std::string::npos);
  write_file_atomic(metrics, whole.substr(0, whole.rfind('\n', average) + 1));
  std::filesystem::remove(folder / "run/samples/update-00000002.png");
  resume_run(folder / "run");
  EXPECT_EQ(grids(), before);
}

/// A network knows its classes by name: data that has some of them goes under the right labels.
TEST(Run, ClassesAreMetByName) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  const RunResult first = start_run(tiny_config(folder / "data"), folder / "first");
  const Tensor before = load_pipeline(first.model).class_emb.clone();
  std::filesystem::create_directories(folder / "some");
  std::filesystem::rename(folder / "data/odd", folder / "some/odd");
  RunConfig config;
  config.init = first.model.string();
  config.data = (folder / "some").string();
  config.training = tiny_recipe();
  config.training.ema = false;
  config.training.adam_weight_decay = 0;
  config.training.warmup = 0;
  const Tensor after = load_pipeline(start_run(config, folder / "more").model).class_emb;
  EXPECT_TRUE(after[0].equal(before[0]));  // "even" wasn't among them
  EXPECT_FALSE(after[1].equal(before[1]));

  std::filesystem::rename(folder / "some/odd", folder / "some/od");
  const std::string message = error_of([&] { start_run(config, folder / "none"); });
  EXPECT_NE(message.find("the data has the class 'od', the network even, odd, did you mean 'odd'?"),
            std::string::npos)
      << message;
}

TEST(Run, HoldingAllOutIsRefused) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  RunConfig config = tiny_config(folder / "data");
  config.training.validation_count = 6;
  const std::string message = error_of([&] { start_run(config, folder / "run"); });
  EXPECT_NE(message.find("can't hold out 6"), std::string::npos) << message;
}

TEST(Run, GoesOnWithTheSameDataOnly) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  start_run(tiny_config(folder / "data"), folder / "run");
  std::filesystem::copy_file(folder / "data/odd/1.png", folder / "data/odd/one more.png");
  const std::string message = error_of([&] { resume_run(folder / "run"); });
  EXPECT_NE(message.find("has 7 pictures to learn from, and the run began with 6"),
            std::string::npos)
      << message;
}

TEST(Run, ItsConfigurationRepeatsIt) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  start_run(tiny_config(folder / "data"), folder / "run");
  RunConfig again;
  overlay(again, read_config_file(folder / "run/config.json"), "config.json");
  start_run(again, folder / "again");
  const char* const weights = "model/unet/diffusion_pytorch_model.safetensors";
  EXPECT_EQ(read_file(folder / "again" / weights), read_file(folder / "run" / weights));
}

TEST(Run, DataThatDoesNotFitIsRefusedEarly) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  RunConfig odd = tiny_config(folder / "data");
  odd.transform.width = 9;
  EXPECT_NE(error_of([&] { prepare_run(odd); }).find("must be multiples of 2"), std::string::npos);
  RunConfig flat = tiny_config(folder / "data/even");
  EXPECT_NE(error_of([&] { prepare_run(flat); }).find("the data has no labels"), std::string::npos);
}

TEST(RunConfig, UnknownKeysAndWrongValuesAreNamed) {
  RunConfig config;
  const auto problem = [&](const char* json) {
    return error_of([&] { overlay(config, nlohmann::json::parse(json), "my.toml"); });
  };
  EXPECT_EQ(problem(R"({"training": {"batchsize": 4}})"),
            "my.toml: training: unknown key 'batchsize', did you mean 'batch_size'?");
  EXPECT_NE(problem(R"({"model": {"block_out_chanels": [4]}})")
                .find("did you mean 'block_out_channels'?"),
            std::string::npos);
  EXPECT_NE(problem(R"({"scheduler": {"beta_schedule": "cosine"}})").find("beta_schedule"),
            std::string::npos);
  EXPECT_EQ(problem(R"({"training": {"learning_rate": 1e-4}})"),
            "my.toml: training: unknown key 'learning_rate', did you mean 'lr'?");
  EXPECT_EQ(problem(R"({"learning_rate": 1e-4})"),
            "my.toml: unknown key 'learning_rate', did you mean 'lr' in section [training]?");
  EXPECT_EQ(problem(R"({"horizontal_flip": true})"),
            "my.toml: unknown key 'horizontal_flip', did you mean 'horizontal_flip' in section "
            "[transform]?");
  EXPECT_NE(problem(R"({"trainig": {}})").find("did you mean 'training'?"), std::string::npos);
}

TEST(RunConfig, ReadsToml) {
  const ScratchFolder folder;
  write_file_atomic(folder / "a.toml",
                    "data = 'pictures'\n[training]\nlr = 1e-3\nema = "
                    "true\n[model]\nblock_out_channels = [8, 16]\n");
  RunConfig config;
  overlay(config, read_config_file(folder / "a.toml"), "a.toml");
  EXPECT_EQ(config.data, "pictures");
  EXPECT_EQ(config.training.lr, 1e-3);
  EXPECT_TRUE(config.training.ema);
  EXPECT_EQ(config.model["block_out_channels"], nlohmann::json({8, 16}));
  write_file_atomic(folder / "b.toml", "data = \n");
  const std::string message = error_of([&] { read_config_file(folder / "b.toml"); });
  EXPECT_NE(message.find("b.toml:1:"), std::string::npos) << message;
}

TEST(Presets, AllFitTheConfiguration) {
  for (const std::string& name : Registry<Preset>::names()) {
    RunConfig config;
    overlay(config, Registry<Preset>::at("preset", name).values, name);
    validate(config.training);
  }
}

TEST(Run, LabelDropoutTeachesALabelForNoClass) {
  const ScratchFolder folder;
  write_pictures(folder / "data");
  RunConfig config = tiny_config(folder / "data");
  config.training.label_dropout = 0.5;
  config.training.ema = false;
  const Pipeline saved = load_pipeline(start_run(config, folder / "run").model);
  EXPECT_EQ(saved.class_count(), 2);
  EXPECT_EQ(saved.null_label(), 2);
  EXPECT_EQ(saved.class_emb.size(0), 3);
  // It has learned: its row isn't what it began with.
  RandomStream stream(stream_seed(config.training.seed, "weights"));
  EXPECT_FALSE(stream.randn({3, 2})[2].equal(saved.class_emb[2].detach()));
  resume_run(folder / "run");  // a finished one: its configuration and checkpoint fit each other

  // A model without such a label gets one, which begins as the mean of all.
  config.training.label_dropout = 0;
  const std::filesystem::path plain = start_run(config, folder / "plain").model;
  EXPECT_EQ(load_pipeline(plain).null_label(), -1);
  RunConfig adapted = tiny_config(folder / "data");
  adapted.init = plain.string();
  adapted.training.label_dropout = 0.2;
  EXPECT_EQ(load_pipeline(start_run(adapted, folder / "adapted").model).null_label(), 2);

  RunConfig unconditional = tiny_config(folder / "data");
  unconditional.class_conditional = false;
  unconditional.training.label_dropout = 0.2;
  EXPECT_NE(error_of([&] { start_run(unconditional, folder / "none"); }).find("label_dropout"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));  // refused before anything is written
}

}  // namespace
}  // namespace mezzotint
