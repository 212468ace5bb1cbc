#include "mezzotint/training/run_grid.h"

#include <set>

#include <gtest/gtest.h>

#include "mezzotint/base/fields.h"
#include "mezzotint/training/run_config.h"
#include "mezzotint/training/run_settings.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

GridAxis axis(const std::string& text) { return parse_grid_axis(text, "diffusion"); }

TEST(RunGrid, IsTheProductTheLastAxisFastest) {
  const auto points = grid_points({axis("lr=1e-5,0.001"), axis("batch-size=4,8")});
  std::vector<std::string> names;
  for (const GridPoint& point : points) names.push_back(point.name);
  EXPECT_EQ(names, (std::vector<std::string>{"lr=1e-05,batch_size=4", "lr=1e-05,batch_size=8",
                                             "lr=0.001,batch_size=4", "lr=0.001,batch_size=8"}));
  EXPECT_EQ(points[1].settings,
            nlohmann::json::parse(R"({"training": {"lr": 1e-5, "batch_size": 8}})"));
  EXPECT_EQ(points[1].values, (std::vector<nlohmann::json>{1e-5, 8}));
}

TEST(RunGrid, ReachesTheOtherSections) {
  const auto points =
      grid_points({axis("model.block_out_channels=[8,16],[32]"), axis("transform.height=16"),
                   axis("ema=yes"), axis("scheduler.beta_schedule=linear")});
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].name,
            "model.block_out_channels=8-16,transform.height=16,ema=yes,"
            "scheduler.beta_schedule=linear");
  RunConfig config;
  overlay(config, points[0].settings, "grid");
  EXPECT_EQ(config.model.at("block_out_channels"), nlohmann::json({8, 16}));
  EXPECT_EQ(config.transform.height, 16);
  EXPECT_TRUE(config.training.ema);
  EXPECT_EQ(config.scheduler.at("beta_schedule"), "linear");
  EXPECT_EQ(
      axis("freeze=[*.bias,conv_in.*],[]").values,
      nlohmann::json::parse(R"([["*.bias", "conv_in.*"], []])").get<std::vector<nlohmann::json>>());
  EXPECT_EQ(parse_grid_axis("model.text_config.hidden_size=8,16", "clip").values.size(), 2u);
}

TEST(RunGrid, ReachesAdapters) {
  const auto points =
      grid_points({axis("lora.rank=0,8"), axis("lora.targets=[attention]"), axis("lora.alpha=4")});
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[1].name, "lora.rank=8,lora.targets=attention,lora.alpha=4");
  RunConfig config;
  overlay(config, points[1].settings, "grid");
  EXPECT_EQ(config.lora.rank, 8);
  EXPECT_EQ(config.lora.alpha, 4);
  EXPECT_EQ(config.lora.targets, std::vector<std::string>{"attention"});
  EXPECT_NE(error_of([] { axis("lora.rank=-1"); }).find("lora: rank: got -1"), std::string::npos);
  EXPECT_NE(error_of([] { axis("lora.rnk=1"); }).find("did you mean 'lora.rank'?"),
            std::string::npos);
}

// A sweep that goes on with more or fewer values finds its runs by their names.
TEST(RunGrid, ARunKeepsItsNameInAnotherGrid) {
  const auto names_of = [](const std::vector<std::string>& texts) {
    std::vector<GridAxis> axes;
    for (const std::string& text : texts) axes.push_back(axis(text));
    std::vector<std::string> names;
    for (const GridPoint& point : grid_points(axes)) names.push_back(point.name);
    return names;
  };
  const std::string one = names_of({"freeze=[a*]"}).front();
  const auto two = names_of({"freeze=[a?],[a*],[a-b],[a,b]"});
  EXPECT_EQ(two[1], one);
  EXPECT_EQ(std::set<std::string>(two.begin(), two.end()).size(), 4u);
  EXPECT_EQ(names_of({"lr=1.0"}), names_of({"lr=1"}));
  const std::string many = "freeze=[" + std::string(200, 'a') + "]";
  const std::string first = names_of({many, "seed=1"}).front();
  const auto both = names_of({many, "seed=0,1"});
  EXPECT_EQ(both[1], first);
  EXPECT_NE(both[0], first);
  EXPECT_LT(first.size(), 200u);
}

TEST(RunGrid, WhatIsWrongIsNamed) {
  const auto problem = [](const std::string& text) { return error_of([&] { axis(text); }); };
  EXPECT_NE(problem("learning_rate=1").find("unknown setting 'learning_rate'"), std::string::npos);
  EXPECT_NE(problem("batchsize=1").find("did you mean 'batch_size'?"), std::string::npos);
  EXPECT_NE(problem("transform.hight=1").find("did you mean 'transform.height'?"),
            std::string::npos);
  EXPECT_NE(problem("lr=fast").find("lr: got 'fast', wanted a number"), std::string::npos);
  EXPECT_NE(problem("lr=1e-5,").find("got an empty value"), std::string::npos);
  EXPECT_NE(problem("lr=1e-5,0.00001").find("is there twice"), std::string::npos);
  EXPECT_NE(problem("optimizer=adan").find("did you mean 'adam'?"), std::string::npos);
  EXPECT_NE(problem("batch_size=0").find("batch_size"), std::string::npos);
  EXPECT_NE(problem("lr").find("wanted NAME=VALUE"), std::string::npos);
  EXPECT_NE(error_of([] {
              grid_points({axis("lr=1"), axis("training.lr=2")});
            }).find("given twice"),
            std::string::npos);
}

TEST(RunGrid, HasALargestSize) {
  std::string many = "seed=0";
  for (int i = 1; i < 20; ++i) many += concat(",", i);
  EXPECT_EQ(grid_points({axis(many), axis("lr=1,2,3,4,5,6,7,8,9,10")}).size(), kMostGridRuns);
  EXPECT_NE(error_of([&] {
              grid_points({axis(many), axis("lr=1,2,3,4,5,6,7,8,9,10,11")});
            }).find("more than 200 runs"),
            std::string::npos);
}

TEST(RunSettings, TellWhatDiffers) {
  RunConfig one, two;
  two.training.lr = 0.5;
  two.transform.height = 8;
  two.model["block_out_channels"] = {8, 16};
  two.command_line = "mezzotint train";
  const Settings first = run_settings(to_json(one)), second = run_settings(to_json(two));
  EXPECT_EQ(differing_settings({first, second}),
            (std::vector<std::string>{"lr", "model.block_out_channels", "transform.height"}));
  EXPECT_TRUE(differing_settings({first, first}).empty());
  EXPECT_EQ(default_settings("diffusion").at("lr"), TrainConfig().lr);
  EXPECT_TRUE(default_settings("clip").contains("model.projection_dim"));
}

TEST(RunSettings, AreWrittenAsOneTypesThem) {
  EXPECT_EQ(setting_text(1e-5), "1e-05");
  EXPECT_EQ(setting_text(true), "yes");
  EXPECT_EQ(setting_text(nullptr), "none");
  EXPECT_EQ(setting_text({32, 64}), "32,64");
  EXPECT_EQ(setting_text("cosine"), "cosine");
}

}  // namespace
}  // namespace mezzotint
