#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"

#include "tests/io/damage.h"
#include "tests/io/reference_weights.h"
#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

std::string length_bytes(uint64_t length) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i) & 0xFFU);
  return bytes;
}

struct Case {
  std::string header;   ///< its length is put before it
  size_t data_bytes;    ///< zeros
  std::string message;  ///< part of the error
};

std::string entry(const std::string& name, const std::string& shape, const std::string& offsets,
                  const std::string& type = "F32") {
  return "\"" + name + R"(":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}";
}

std::string header(const std::string& entries) { return "{" + entries + "}"; }

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      // structure
      {"", 0, "the header doesn't begin with '{'"},
      {" {}", 0, "the header doesn't begin with '{'"},
      {"[]", 0, "the header doesn't begin with '{'"},
      {"{", 0, "the text ends here, wanted a text in double quotes"},
      {"{}x", 0, "header:1:3: got 'x', wanted nothing more"},
      {std::string("{}\0", 3), 0, "got '\\x00', wanted nothing more"},
      {"{\"\xff\":1}", 0, "a string that is not UTF-8"},
      {"{\"\xed\xa0\x80\":1}", 0, "a string that is not UTF-8"},
      {"{\"\xc0\x80\":1}", 0, "a string that is not UTF-8"},
      {R"({"\ud800":1})", 0, "half of a surrogate pair"},
      {R"({"\x":1})", 0, "an unknown escape"},
      {"{\"a\nb\":1}", 0, "a control character inside a string"},
      {header(R"("a":1)"), 0, "got '1', wanted '{'"},
      {header(R"("a":{})"), 0, "tensor 'a' has no dtype"},
      {header(R"("a":{"dtype":"F32"})"), 0, "tensor 'a' has no shape"},
      {header(R"("a":{"dtype":"F32","shape":[]})"), 0, "tensor 'a' has no data_offsets"},
      {header(R"("a":{"dtype":1})"), 0, "wanted a text in double quotes"},
      {header(R"("a":{"kind":1})"), 0, "unknown field 'kind'"},
      {header(R"("a":{"dtype":"F32","dtype":"F32"})"), 0, "'dtype' stands twice"},
      {std::string(200000, '{'), 0, "wanted a text in double quotes"},
      {"{\"a\":" + std::string(200000, '['), 0, "got '[', wanted '{'"},
      // metadata
      {header(R"("__metadata__":{"a":1})"), 0, "got '1', wanted a text"},
      {header(R"("__metadata__":{"a":"","a":""})"), 0, "__metadata__: the key 'a' stands twice"},
      {header(R"("__metadata__":{},"__metadata__":{})"), 0, "'__metadata__' stands twice"},
      // names and types
      {header(entry("a", "[1]", "[0,4]") + "," + entry("a", "[1]", "[0,4]")), 4,
       "the key 'a' stands twice"},
      {header(entry("a", "[1]", "[0,1]", "F8_E4M3")), 1, "type 'F8_E4M3' is not supported"},
      {header(entry("a", "[1]", "[0,1]", "F8_E5M2")), 1, "type 'F8_E5M2' is not supported"},
      {header(entry("a", "[1]", "[0,8]", "C64")), 8, "type 'C64' is not supported"},
      {header(entry("a", "[1]", "[0,4]", "")), 4, "type '' is not supported"},
      // shapes
      {header(entry("a", "[-1]", "[0,4]")), 4, "got '-', wanted a size, a whole number"},
      {header(entry("a", "[1.0]", "[0,4]")), 4, "got 1.0, wanted a size, a whole number"},
      {header(entry("a", "[1e0]", "[0,4]")), 4, "got 1e0, wanted a size, a whole number"},
      {header(entry("a", "[01]", "[0,4]")), 4, "leading zero"},
      {header(entry("a", "[true]", "[0,4]")), 4, "got 't', wanted a size, a whole number"},
      {header(entry("a", "[1,]", "[0,4]")), 4, "got ']', wanted a size"},
      {header(entry("a", "1", "[0,4]")), 4, "got '1', wanted '['"},
      {header(entry("a", "[18446744073709551616]", "[0,4]")), 4, "a whole number below 2^64"},
      {header(entry("a", "[9223372036854775808]", "[0,4]")), 4, "a size of 9223372036854775808"},
      {header(entry("a", "[4294967296,4294967296]", "[0,4]")), 4, "is too large for any file"},
      {header(entry("a", "[4611686018427387904]", "[0,0]")), 0, "is too large for any file"},
      {header(entry("a", "[4294967296,4294967296,0]", "[0,0]")), 0, "is too large for any file"},
      {header(entry("a", "[" + std::string(128, '1').replace(1, 0, "") + "]", "[0,4]")), 4,
       "a whole number below 2^64"},
      {header(entry(
           "a",
           "[1" +
               [] {
                 std::string ones;
                 for (int i = 0; i < 64; ++i) ones += ",1";
                 return ones;
               }() +
               "]",
           "[0,4]")),
       4, "has more than 64 dimensions"},
      // offsets
      {header(entry("a", "[1]", "[0]")), 4, "got ']', wanted ','"},
      {header(entry("a", "[1]", "[0,4,8]")), 4, "got ',', wanted ']'"},
      {header(entry("a", "[1]", "[-4,0]")), 4, "got '-', wanted the first offset"},
      {header(entry("a", "[1]", "[0,4]")), 3,
       "data offsets [0, 4], but the file holds 3 bytes of data; it was cut short"},
      {header(entry("a", "[1]", "[4,0]")), 4, "data offsets [4, 0]"},
      {header(entry("a", "[1]", "[0,18446744073709551615]")), 4, "data offsets [0, 1844674407370"},
      {header(entry("a", "[1]", "[18446744073709551612,18446744073709551615]")), 4, "data offsets"},
      {header(entry("a", "[2]", "[0,4]")), 4, "hold 4 bytes, but [2] of F32 needs 8"},
      {header(entry("a", "[]", "[0,0]")), 0, "hold 0 bytes, but [] of F32 needs 4"},
      {header(entry("a", "[0]", "[0,4]")), 4, "hold 4 bytes, but [0] of F32 needs 0"},
      {header(entry("a", "[1]", "[4,8]")), 8, "bytes from 0 on belong to no tensor"},
      {header(entry("a", "[1]", "[0,4]") + "," + entry("b", "[1]", "[8,12]")), 12,
       "'b': its data begins at 8, but bytes from 4 on belong to no tensor"},
      {header(entry("a", "[2]", "[0,8]") + "," + entry("b", "[1]", "[4,8]")), 8,
       "'b': its data begins at 4, inside the data of another, which ends at 8"},
      {header(entry("a", "[1]", "[0,4]") + "," + entry("b", "[1]", "[0,4]")), 4, "inside the data"},
      {header(entry("a", "[1]", "[0,4]")), 5, "1 byte after the last tensor's data, of 5 in all"},
      {"{}", 1, "1 byte after the last tensor's data, of 1 in all"},
  };
  return all;
}

TEST(SafetensorsHostile, EachFaultIsNamed) {
  const TemporaryFolder folder;
  for (const Case& one : cases()) {
    put(folder / "x.safetensors",
        length_bytes(one.header.size()) + one.header + std::string(one.data_bytes, '\0'));
    const std::string message = message_of([&] { read_safetensors(folder / "x.safetensors"); });
    EXPECT_NE(message.find(one.message), std::string::npos)
        << one.header.substr(0, 200) << "\n got: " << message;
    EXPECT_TRUE(message.starts_with((folder / "x.safetensors").string())) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(SafetensorsHostile, LengthsThatLie) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& bytes) {
    put(folder / "x", bytes);
    return message_of([&] { read_safetensors(folder / "x"); });
  };
  EXPECT_NE(message("").find("0 bytes; a safetensors file has at least 8"), std::string::npos);
  EXPECT_NE(message(length_bytes(2)).find("cut short: the header should have 2 bytes, got 0"),
            std::string::npos);
  EXPECT_NE(message(length_bytes(3) + "{}").find("cut short"), std::string::npos);
  EXPECT_NE(message(length_bytes(100'000'001) + "{}").find("the limit is 100000000"),
            std::string::npos);
  EXPECT_NE(message(length_bytes(UINT64_MAX) + "{}").find("the limit is 100000000"),
            std::string::npos);
  EXPECT_NE(
      message("version https://git-lfs.github.com/spec/v1\noid sha256:0\n").find("git lfs pull"),
      std::string::npos);
}

TEST(SafetensorsHostile, TruthValuesAreZeroOrOne) {
  const TemporaryFolder folder;
  const std::string text = header(entry("a", "[2]", "[0,2]", "BOOL"));
  put(folder / "x", length_bytes(text.size()) + text + std::string("\0\2", 2));
  EXPECT_NE(message_of([&] { read_safetensors(folder / "x"); }).find("neither 0 nor 1"),
            std::string::npos);
}

TEST(SafetensorsHostile, NamesCannotBreakTheErrorLine) {
  const TemporaryFolder folder;
  const std::string text = header(entry("a\\n\\u001b[31m", "[2]", "[0,4]"));
  put(folder / "x", length_bytes(text.size()) + text + std::string(4, '\0'));
  const std::string message = message_of([&] { read_safetensors(folder / "x"); });
  EXPECT_NE(message.find("'a\\x0a\\x1b[31m'"), std::string::npos) << message;
}

TEST(SafetensorsHostile, MissingFilesAndFolders) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of([&] { read_safetensors(folder / "none"); }).find("No such file"),
            std::string::npos);
  EXPECT_NE(message_of([&] { read_safetensors(folder.path()); }).find("not a regular file"),
            std::string::npos);
}

TEST(SafetensorsHostile, DamageOnlyEverThrowsError) {
  const TemporaryFolder folder;
  write_safetensors(folder / "whole", reference_weights(), {{"note", "é"}});
  expect_only_errors(contents(folder / "whole"), 1200, 3000, [](const auto& path) {
    for (const auto& [key, tensor] : read_safetensors(path).weights) tensor.clone();
  });
}

}  // namespace
}  // namespace mezzotint
