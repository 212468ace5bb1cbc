// Fixtures: tools/reference/io.py, which Python's json module and diffusers write.
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mezzotint/io/files.h"
#include "mezzotint/io/json_text.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

using nlohmann::json;

class PythonJson : public testing::TestWithParam<const char*> {};

TEST_P(PythonJson, IsReadAndWrittenByteForByte) {
  const auto path = std::filesystem::path(MEZZOTINT_TEST_DATA) / "io/data" / GetParam();
  const TemporaryFolder folder;
  write_json(folder / "x.json", read_json(path));
  EXPECT_EQ(contents(folder / "x.json"), contents(path));
}

INSTANTIATE_TEST_SUITE_P(Files, PythonJson,
                         testing::Values("python.json", "scheduler_config.json", "unet_config.json",
                                         "sharded/diffusion_pytorch_model.safetensors.index.json"));

TEST(Json, FloatsAreWrittenAsPythonDoes) {
  const std::vector<std::pair<double, std::string>> all = {
      {0.0, "0.0"},        {-0.0, "-0.0"},
      {1.0, "1.0"},        {1e-4, "0.0001"},
      {1e-5, "1e-05"},     {0.02, "0.02"},
      {1.5e-7, "1.5e-07"}, {1e16, "1e+16"},
      {123.25, "123.25"},  {1e15, "1000000000000000.0"},
      {1e100, "1e+100"},   {-2.5e-10, "-2.5e-10"},
      {100.0, "100.0"},    {0.00085, "0.00085"}};
  for (const auto& [value, text] : all) EXPECT_EQ(python_repr(value), text);
}

TEST(Json, InfinitiesAreNumbersAsInPython) {
  const json value = parse_json("[NaN, Infinity, -Infinity]", "x");
  EXPECT_TRUE(std::isnan(value[0].get<double>()));
  EXPECT_EQ(value[1].get<double>(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(value[2].get<double>(), -std::numeric_limits<double>::infinity());
}

TEST(Json, NumbersKeepTheirKind) {
  const json value =
      parse_json("[1, -1, 1.0, 1e2, 18446744073709551615, 36893488147419103232]", "x");
  EXPECT_TRUE(value[0].is_number_integer());
  EXPECT_TRUE(value[1].is_number_integer());
  EXPECT_TRUE(value[2].is_number_float());
  EXPECT_TRUE(value[3].is_number_float());
  EXPECT_EQ(value[4].get<uint64_t>(), UINT64_MAX);
  EXPECT_EQ(value[5].get<double>(), std::ldexp(1.0, 65));
}

TEST(Json, TextsAreDecoded) {
  const json value = parse_json(R"("\ud83d\ude00\u00e9\/\b\f\n\r\t\"\\")", "x");
  EXPECT_EQ(value.get<std::string>(), "😀é/\b\f\n\r\t\"\\");
  EXPECT_EQ(parse_json("\xEF\xBB\xBF{}", "x"), json::object());  // a byte order mark
}

TEST(Json, FaultsAreNamedByPlace) {
  const std::vector<std::pair<std::string, std::string>> all = {
      {"", "x:1:1: the text ends here, wanted a value"},
      {"{", "x:1:2: the text ends here, wanted a text in double quotes"},
      {"{\n  \"a\": }", "x:2:8: got '}', wanted a value"},
      {"{\"é\": ?}", "x:1:7: got '?', wanted a value"},
      {"{\"a\" 1}", "x:1:6: got '1', wanted ':'"},
      {"{\"a\": 1,}", "x:1:9: got '}', wanted a text in double quotes"},
      {"{'a': 1}", "x:1:2: got ''', wanted a text in double quotes"},
      {"[1 2]", "x:1:4: got '2', wanted ']'"},
      {"[1,]", "x:1:4: got ']', wanted a value"},
      {"1 2", "x:1:3: got '2', wanted nothing more"},
      {"01", "x:1:3: a number with a leading zero"},
      {"-", "x:1:2: the text ends here, wanted a number"},
      {"1.", "wanted a digit after the decimal point"},
      {"1e+", "wanted a digit in the exponent"},
      {"+1", "got '+', wanted a value"},
      {"1e999", "the number 1e999 is out of range"},
      {"nul", "got 'n', wanted a value"},
      {"True", "got 'T', wanted a value"},
      {"\"abc", "the text ends inside a string"},
      {"\"\\", "an unknown escape"},
      {"\"\\u12", "four hexadecimal digits"},
      {"\"\\u-123\"", "four hexadecimal digits"},
      {"\"\\udc00\"", "half of a surrogate pair"},
      {"\"\\ud800x\"", "half of a surrogate pair"},
      {"\"\\ud800\\u0041\"", "half of a surrogate pair"},
      {"\"\t\"", "a control character inside a string"},
      {"\"\xff\"", "a string that is not UTF-8"},
      {"\"\xf4\x90\x80\x80\"", "a string that is not UTF-8"},
      {"\"\xe0\x80\x80\"", "a string that is not UTF-8"},
      {std::string("{}\0", 3), "got '\\x00', wanted nothing more"},
      {std::string(1'000'000, '['), "nested deeper than 100 levels"},
      {"{\"a\":" + std::string(200, '['), "nested deeper than 100 levels"},
  };
  for (const auto& [text, message] : all) {
    const std::string got = message_of([&] { parse_json(text, "x"); });
    EXPECT_NE(got.find(message), std::string::npos) << text.substr(0, 40) << "\n got: " << got;
    EXPECT_EQ(got.find('\n'), std::string::npos) << got;
  }
}

TEST(Json, DuplicateKeysAreRefusedWhereAsked) {
  const std::string text = R"({"a": {"b": 1, "c": 2, "b": 3}})";
  EXPECT_EQ(parse_json(text, "x")["a"]["b"], 3);
  const std::string got = message_of([&] { parse_json(text, "x", DuplicateKeys::kRefused); });
  EXPECT_EQ(got, "x:1:28: the key 'b' stands twice in one object");
}

TEST(Json, WritingRefusesWhatIsNoText) {
  EXPECT_NE(message_of([] { format_json("\xff"); }).find("'\\xff' is not UTF-8"),
            std::string::npos);
  json deep = json::array();
  for (int i = 0; i < 200; ++i) deep = json::array({deep});
  EXPECT_NE(message_of([&] { format_json(deep); }).find("nested deeper"), std::string::npos);
}

TEST(ReadJson, NamesTheFile) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& text) {
    put(folder / "config.json", text);
    return message_of([&] { read_json(folder / "config.json"); });
  };
  const std::string path = (folder / "config.json").string();
  EXPECT_EQ(message("{\n]"), path + ":2:1: got ']', wanted a text in double quotes");
  EXPECT_NE(message("version https://git-lfs.github.com/spec/v1\n").find("a git-lfs pointer"),
            std::string::npos);
  EXPECT_NE(message_of([&] { read_json(folder / "none.json"); }).find("none.json: No such file"),
            std::string::npos);
}

}  // namespace
}  // namespace mezzotint
