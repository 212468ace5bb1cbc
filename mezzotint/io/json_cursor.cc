#include "mezzotint/io/json_cursor.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "mezzotint/io/utf8.h"

namespace mezzotint {

int JsonCursor::peek() {
  skip_space();
  return position_ < text_.size() ? static_cast<unsigned char>(text_[position_]) : -1;
}

bool JsonCursor::take(char punctuation) {
  if (peek() != punctuation) return false;
  ++position_;
  return true;
}

bool JsonCursor::take_word(std::string_view word) {
  skip_space();
  if (!text_.substr(position_).starts_with(word)) return false;
  position_ += word.size();
  return true;
}

void JsonCursor::expect(char punctuation) {
  if (!take(punctuation)) fail_wanted(concat("'", punctuation, "'"));
}

void JsonCursor::finish() {
  if (peek() != -1) fail_wanted("nothing more");
}

void JsonCursor::skip_space() {
  while (position_ < text_.size() &&
         std::string_view(" \t\n\r").find(text_[position_]) != std::string_view::npos)
    ++position_;
}

void JsonCursor::fail_wanted(std::string_view what) {
  if (peek() == -1) fail_here("the text ends here, wanted ", what);
  const std::string_view rest = text_.substr(position_);
  const size_t length = std::max<size_t>(first_utf8_character(rest).length, 1);
  fail_here("got ", in_quotes(rest.substr(0, length)), ", wanted ", what);
}

std::string JsonCursor::place(size_t position) const {
  const std::string_view before = text_.substr(0, position);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
  const auto line = 1 + std::ranges::count(before, '\n');
  const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  const auto column = 1 + std::ranges::count_if(before.substr(line_start), is_lead);
  return concat(where_, ":", line, ":", column);
}

std::string JsonCursor::string() {
  if (peek() != '"') fail_wanted("a text in double quotes");
  ++position_;
  std::string value;
  while (true) {
    if (position_ >= text_.size()) fail_here("the text ends inside a string");
    const auto byte = static_cast<unsigned char>(text_[position_]);
    if (byte == '"') break;
    if (byte < 0x20) fail_here("a control character inside a string; write it as \\u00XX");
    if (byte == '\\') {
      ++position_;
      append_escape(value);
      continue;
    }
    const size_t length = first_utf8_character(text_.substr(position_)).length;
    if (length == 0) fail_here("a string that is not UTF-8");
    value += text_.substr(position_, length);
    position_ += length;
  }
  ++position_;
  return value;
}

void JsonCursor::append_escape(std::string& value) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char letter = position_ < text_.size() ? text_[position_] : '\0';
  const size_t known = letter == '\0' ? std::string_view::npos : kLetters.find(letter);
  if (known != std::string_view::npos) {
    value += kMeanings[known];
    ++position_;
    return;
  }
  if (letter != 'u') fail_here("an unknown escape after \\");
  ++position_;
  uint32_t code = hex4();
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(position_).starts_with("\\u")) {
    position_ += 2;
    const uint32_t low = hex4();
    if (low < 0xDC00 || low > 0xDFFF) fail_here("half of a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  }
  if (code >= 0xD800 && code <= 0xDFFF) fail_here("half of a surrogate pair");
  append_utf8(value, code);
}

unsigned JsonCursor::hex4() {
  const std::string_view digits = text_.substr(position_, 4);
  unsigned code = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, code, 16);
  if (digits.size() < 4 || error != std::errc() || stop != end || digits[0] == '-')
    fail_here("wanted four hexadecimal digits after \\u");
  position_ += 4;
  return code;
}

bool JsonCursor::digits() {
  const size_t start = position_;
  while (position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9')
    ++position_;
  return position_ > start;
}

std::string_view JsonCursor::number() {
  skip_space();
  const size_t start = position_;
  const auto at = [&](std::string_view any) {
    return position_ < text_.size() && any.find(text_[position_]) != std::string_view::npos;
  };
  if (at("-")) ++position_;
  const size_t whole = position_;
  if (!digits()) fail_wanted("a number");
  if (text_[whole] == '0' && position_ > whole + 1) fail_here("a number with a leading zero");
  if (at(".")) {
    ++position_;
    if (!digits()) fail_wanted("a digit after the decimal point");
  }
  if (at("eE")) {
    ++position_;
    if (at("+-")) ++position_;
    if (!digits()) fail_wanted("a digit in the exponent");
  }
  return text_.substr(start, position_ - start);
}

uint64_t JsonCursor::whole_number(std::string_view what) {
  if (peek() < '0' || peek() > '9') fail_wanted(concat(what, ", a whole number"));
  const std::string_view token = number();
  uint64_t value = 0;
  const char* const end = token.data() + token.size();
  const auto [stop, error] = std::from_chars(token.data(), end, value);
  if (error != std::errc() || stop != end)
    fail_here("got ", token.substr(0, 40), ", wanted ", what, ", a whole number below 2^64");
  return value;
}

}  // namespace mezzotint
