#include "mezzotint/base/fields.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

struct Inner {
  int64_t size = 3;
  void fields(auto& f) { f("size", size, "how large"); }
};

struct Config {
  double eta = 0.5;
  bool flip = true;
  std::optional<int64_t> heads = 8;
  std::vector<int64_t> channels = {1, 2};
  std::string kind = "linear";
  Inner inner;
  void fields(auto& f) {
    f("eta", eta);
    f("flip", flip);
    f("heads", heads, "heads or null");
    f("channels", channels);
    f("kind", kind, "the kind", {"linear", "cosine"});
    f("inner", inner);
  }
};

std::string error_of(const std::string& text) {
  Config config;
  try {
    from_json_strict(config, nlohmann::json::parse(text), "config.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "no error";
}

TEST(Fields, RoundTrip) {
  Config config;
  config.heads.reset();
  config.channels = {7};
  config.inner.size = 11;
  Config back;
  EXPECT_TRUE(from_json(back, to_json(config), "x").empty());
  EXPECT_EQ(to_json(back), to_json(config));
  EXPECT_TRUE(to_json(config)["heads"].is_null());
}

TEST(Fields, KeepsWhatIsNotGivenAndReturnsUnknownKeys) {
  Config config;
  const auto unknown = from_json(config, nlohmann::json::parse(R"({"eta": 1, "new_key": 2})"), "x");
  EXPECT_EQ(unknown, std::vector<std::string>{"new_key"});
  EXPECT_EQ(config.eta, 1.0);
  EXPECT_EQ(config.heads, 8);
}

TEST(Fields, ErrorsNameThePlaceTheValueAndTheRemedy) {
  EXPECT_EQ(error_of(R"({"eta": "much"})"), "config.json: eta: got 'much', wanted a number");
  EXPECT_EQ(error_of(R"({"channels": [1, 2.5]})"),
            "config.json: channels[1]: got 2.5, wanted a whole number");
  EXPECT_EQ(error_of(R"({"heads": true})"), "config.json: heads: got true, wanted a whole number");
  EXPECT_EQ(
      error_of(R"({"kind": "cosin"})"),
      "config.json: kind: unknown value 'cosin', did you mean 'cosine'?; known: linear, cosine");
  EXPECT_EQ(error_of(R"({"chanels": []})"),
            "config.json: unknown key 'chanels', did you mean 'channels'?");
  EXPECT_EQ(error_of(R"([])"), "config.json: got [], wanted an object");
}

TEST(Fields, WholeNumbersWrittenAsFloats) {
  Config config;
  from_json(config, nlohmann::json::parse(R"({"heads": 4.0})"), "x");
  EXPECT_EQ(config.heads, 4);
}

TEST(Suggest, Distances) {
  EXPECT_EQ(edit_distance("ddim", "ddim"), 0u);
  EXPECT_EQ(edit_distance("cecebahq", "celebahq"), 1u);
  EXPECT_EQ(edit_distance("sheduler", "scheduler"), 1u);
  EXPECT_EQ(edit_distance("iamge", "image"), 1u);
  EXPECT_EQ(did_you_mean("zzz", {"ddim", "ddpm"}), "");
}

}  // namespace
}  // namespace mezzotint
