#include "mezzotint/models/params.h"

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Params, AreListedByScopeInTheOrderOfNaming) {
  const Params params = Params::initialised(RandomStream(0));
  const Params early = params / "early", late = params / "late" / 3;
  late.get("weight", {2}, Init::kOnes);
  early.get("weight", {2}, Init::kZeros);
  late.get("bias", {2}, Init::kZeros);
  const std::vector<std::string> expected = {"early.weight", "late.3.weight", "late.3.bias"};
  EXPECT_EQ(params.taken().keys(), expected);
}

TEST(Params, AreDrawnInTheOrderOfTheCalls) {
  const Params params = Params::initialised(RandomStream(5));
  const Params first = params / "a", second = params / "b";
  const Tensor drawn_first = second.get("weight", {20}, Init::kNormal);
  const Tensor drawn_second = first.get("weight", {20}, Init::kNormal);
  RandomStream stream(5);
  EXPECT_TRUE(drawn_first.equal(stream.randn({20})));
  EXPECT_TRUE(drawn_second.equal(stream.randn({20})));
}

TEST(Params, UniformStaysWithinTheFanIn) {
  const Params params = Params::initialised(RandomStream(0));
  const Tensor weight = params.get("weight", {64, 16, 5, 5}, Init::kUniform, 400);
  EXPECT_LE(weight.abs().max().item<float>(), 0.05f);
  EXPECT_GE(weight.abs().max().item<float>(), 0.0499f);
  EXPECT_TRUE(weight.is_contiguous());
}

TEST(Params, FromACheckpointAreFloat32CopiesOfTheirOwn) {
  Weights checkpoint;
  checkpoint.set("conv.weight", at::full({2, 3, 3, 3}, 0.5, at::kHalf));
  checkpoint.set("conv.bias", at::ones({2}));
  const Params params = Params::from_checkpoint(checkpoint);
  const Tensor weight = (params / "conv").get("weight", {2, 3, 3, 3}, Init::kUniform, 27);
  const Tensor bias = (params / "conv").get("bias", {2}, Init::kUniform, 27);
  EXPECT_NO_THROW(params.finish("net"));
  EXPECT_EQ(weight.scalar_type(), at::kFloat);
  EXPECT_EQ(weight.sizes(), IntArrayRef({2, 3, 3, 3}));
  EXPECT_TRUE(weight.is_contiguous());
  Tensor(bias).zero_();
  EXPECT_EQ(checkpoint.at("conv.bias")[0].item<float>(), 1.0f);
}

TEST(Params, NameWhatIsMissingMisshapenAndUnused) {
  Weights checkpoint;
  checkpoint.set("a.weight", at::ones({2, 2}));
  checkpoint.set("b.weight", at::ones({2}, at::kLong));
  checkpoint.set("stranger", at::ones({1}));
  const Params params = Params::from_checkpoint(checkpoint);
  (params / "a").get("weight", {2, 3}, Init::kUniform, 3);
  (params / "a").get("bias", {2}, Init::kUniform, 3);
  (params / "b").get("weight", {2}, Init::kOnes);
  const std::string message = message_of([&] { params.finish("net"); });
  EXPECT_NE(message.find("net: the weights don't fit"), std::string::npos) << message;
  EXPECT_NE(message.find("2 misshapen (first: a.weight has shape [2, 2], wanted [2, 3])"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("1 missing (a.bias)"), std::string::npos) << message;
  EXPECT_NE(message.find("1 not part of the model (stranger)"), std::string::npos) << message;
}

TEST(Params, ShapesOnlyHaveNoStorage) {
  const Params params = Params::shapes_only();
  const Tensor huge = params.get("weight", {1 << 20, 1 << 20}, Init::kNormal);
  EXPECT_EQ(huge.numel(), int64_t{1} << 40);
  EXPECT_TRUE(huge.is_meta());
}

TEST(Params, GiveEachNameOnce) {
  const Params params = Params::shapes_only();
  params.get("weight", {1}, Init::kOnes);
  EXPECT_THROW(params.get("weight", {1}, Init::kOnes), Error);
}

}  // namespace
}  // namespace mezzotint
