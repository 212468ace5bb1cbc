#include <charconv>
#include <cstdint>
#include <limits>

#include <nlohmann/json.hpp>

#include "mezzotint/io/json_cursor.h"
#include "mezzotint/io/json_text.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

using nlohmann::json;

constexpr int kDeepest = 100;

json number_from(std::string_view token, const JsonCursor& cursor) {
  const char* const end = token.data() + token.size();
  if (token.find_first_of(".eE") == std::string_view::npos) {
    int64_t whole = 0;
    if (std::from_chars(token.data(), end, whole).ec == std::errc()) return whole;
    uint64_t large = 0;
    if (token[0] != '-' && std::from_chars(token.data(), end, large).ec == std::errc())
      return large;
  }
  double value = 0;
  if (std::from_chars(token.data(), end, value).ec != std::errc())
    cursor.fail_here("the number ", token.substr(0, 40), " is out of range");
  return value;
}

class Parser {
 public:
  Parser(JsonCursor cursor, DuplicateKeys duplicates)
      : cursor_(std::move(cursor)), duplicates_(duplicates) {}

  json document() {
    json value = read(0);
    cursor_.finish();
    return value;
  }

 private:
  json read(int depth) {
    if (depth > kDeepest) cursor_.fail_here("nested deeper than ", kDeepest, " levels");
    const int next = cursor_.peek();
    if (next == '{') return read_object(depth);
    if (next == '[') return read_array(depth);
    if (next == '"') return cursor_.string();
    if (cursor_.take_word("true")) return true;
    if (cursor_.take_word("false")) return false;
    if (cursor_.take_word("null")) return nullptr;
    if (cursor_.take_word("NaN")) return std::numeric_limits<double>::quiet_NaN();
    if (cursor_.take_word("Infinity")) return std::numeric_limits<double>::infinity();
    if (cursor_.take_word("-Infinity")) return -std::numeric_limits<double>::infinity();
    if (next == '-' || (next >= '0' && next <= '9')) return number_from(cursor_.number(), cursor_);
    cursor_.fail_wanted("a value");
  }

  json read_object(int depth) {
    json object = json::object();
    cursor_.object([&](const std::string& key) {
      if (duplicates_ == DuplicateKeys::kRefused && object.contains(key))
        cursor_.fail_here("the key ", in_quotes(key), " stands twice in one object");
      object[key] = read(depth + 1);
    });
    return object;
  }

  json read_array(int depth) {
    json array = json::array();
    cursor_.array([&] { array.push_back(read(depth + 1)); });
    return array;
  }

  JsonCursor cursor_;
  DuplicateKeys duplicates_;
};

}  // namespace

json parse_json(std::string_view text, const std::string& where, DuplicateKeys duplicates) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return Parser(JsonCursor(text, where), duplicates).document();
}

}  // namespace mezzotint
