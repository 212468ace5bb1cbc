#include "mezzotint/guidance/loss_spec.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/make_term.h"
#include "mezzotint/guidance/prompts.h"

namespace mezzotint {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

TEST(LossSpec, Parses) {
  const LossSpec color = parse_loss_spec("color:#55FFAA,scale=40,norm=batch,steps=0..9");
  EXPECT_EQ(color.kind, "color");
  EXPECT_EQ(color.argument, "#55FFAA");
  EXPECT_EQ(color.term.scale, 40);
  EXPECT_EQ(color.term.norm, "batch");
  EXPECT_EQ(color.term.steps, "0..9");
  EXPECT_TRUE(color.options.empty());
}

TEST(LossSpec, CommasBelongToWhatStandsBeforeThem) {
  const LossSpec clip =
      parse_loss_spec("clip:Red Rose (still life), red flower painting,scale=8,cuts=4");
  EXPECT_EQ(clip.argument, "Red Rose (still life), red flower painting");
  EXPECT_EQ(clip.options, (Options{{"cuts", "4"}}));
  const LossSpec table = parse_loss_spec("color:red,#0f0,schedule=table:1,0.5,0,mask=m.png");
  EXPECT_EQ(table.argument, "red,#0f0");
  EXPECT_EQ(table.term.schedule, "table:1,0.5,0");
  EXPECT_EQ(table.options, (Options{{"mask", "m.png"}}));
  EXPECT_EQ(parse_loss_spec("color:rgb=0.1,0.9,0.5").options, (Options{{"rgb", "0.1,0.9,0.5"}}));
  EXPECT_EQ(parse_loss_spec("clip:a: b=c, D=e").argument, "a: b=c, D=e");
  EXPECT_EQ(parse_loss_spec("tv").argument, std::nullopt);
  EXPECT_EQ(parse_loss_spec("tv,scale=2").term.scale, 2);
}

TEST(LossSpec, Refuses) {
  for (const char* wrong : {"", ":red", ",scale=1", "color:red,scale=1,scale=2",
                            "color:red,scale=x", "color:red,norm=all"})
    EXPECT_THROW(parse_loss_spec(wrong), Error) << wrong;
}

std::string refusal(const std::string& text) {
  try {
    make_term(text, {.height = 8, .width = 8});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage) << error.what();
    return error.what();
  }
  return "";
}

TEST(LossSpec, RefusalsNameTheNearest) {
  EXPECT_NE(refusal("colour:red").find("did you mean 'color'?"), std::string::npos);
  EXPECT_NE(refusal("color:red,scael=1").find("did you mean 'scale'?"), std::string::npos);
  EXPECT_NE(refusal("color:gren").find("did you mean"), std::string::npos);
  EXPECT_NE(refusal("color").find("wanted colours"), std::string::npos);
  EXPECT_NE(refusal("color:rgb=0.1,0.2").find("wanted 3"), std::string::npos);
  EXPECT_NE(refusal("tv:l3").find("known: l2, l1"), std::string::npos);
  EXPECT_NE(refusal("brightness:2").find("wanted 0 to 1"), std::string::npos);
  EXPECT_NE(refusal("superres:x.png,factor=3").find("wanted a divisor of 8"), std::string::npos);
  EXPECT_NE(refusal("image").find("needs a picture file"), std::string::npos);
  EXPECT_NE(refusal("color:red,scale=inf").find("scale"), std::string::npos);
}

TEST(LossSpec, TermsTakeTheRunsDefaults) {
  const LossResources resources{.height = 8, .width = 8};
  const GuidanceTerm plain = make_term("color:red", resources, {"sqrt_abar", "loop"});
  EXPECT_EQ(plain.schedule.kind, GuidanceSchedule::Kind::kSqrtAbar);
  EXPECT_TRUE(plain.schedule.by_loop_index);
  EXPECT_EQ(plain.name, "color:red");
  const GuidanceTerm own = make_term("color:red,schedule=none,scale=3", resources, {"sqrt_abar"});
  EXPECT_EQ(own.schedule.kind, GuidanceSchedule::Kind::kNone);
  EXPECT_EQ(own.scale, 3);
}

TEST(Prompts, TakeWeights) {
  const auto prompts = parse_prompts("red rose | painting:0.5|blurry: -1 |16:9", "test");
  ASSERT_EQ(prompts.size(), 4u);
  EXPECT_EQ(prompts[0].text, "red rose");
  EXPECT_EQ(prompts[0].weight, 1);
  EXPECT_EQ(prompts[1].text, "painting");
  EXPECT_EQ(prompts[1].weight, 0.5);
  EXPECT_EQ(prompts[2].text, "blurry");
  EXPECT_EQ(prompts[2].weight, -1);
  EXPECT_EQ(prompts[3].text, "16");
  EXPECT_EQ(parse_prompts("ratio 16:9 wide", "test")[0].text, "ratio 16:9 wide");
  for (const char* wrong : {"", " ", "a||b", "a:0", ":1"})
    EXPECT_THROW(parse_prompts(wrong, "test"), Error) << wrong;
}

}  // namespace
}  // namespace mezzotint
