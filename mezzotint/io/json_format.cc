#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/io/json_text.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

using nlohmann::json;

constexpr int kDeepest = 100;

void append_unicode_escape(std::string& out, uint32_t unit) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHexDigits[unit >> shift & 15U];
}

/// The escape that JSON has a letter for; empty where it has none.
std::string_view short_escape(uint32_t code_point) {
  switch (code_point) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return "";
  }
}

std::string json_string(std::string_view text, bool ascii) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto [code_point, length] = first_utf8_character(text);
    if (length == 0) fail("cannot write as JSON: ", in_quotes(text), " is not UTF-8");
    const std::string_view escape = short_escape(code_point);
    if (!escape.empty()) {
      out += escape;
    } else if (code_point < 0x20 || (ascii && code_point >= 0x7F && code_point < 0x10000)) {
      append_unicode_escape(out, code_point);
    } else if (ascii && code_point >= 0x10000) {
      append_unicode_escape(out, 0xD800 + ((code_point - 0x10000) >> 10U));
      append_unicode_escape(out, 0xDC00 + ((code_point - 0x10000) & 0x3FFU));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out + "\"";
}

void append_value(std::string& out, const json& value, int depth);

/// The items of an array or object, one a line, between the brackets.
template <class AppendItem>
void append_block(std::string& out, const json& block, char open, char close, int depth,
                  AppendItem&& append_item) {
  if (depth > kDeepest) fail("cannot write as JSON: nested deeper than ", kDeepest, " levels");
  out += open;
  const auto indent = static_cast<size_t>(depth) * 2;
  const char* separator = "\n";
  for (auto item = block.begin(); item != block.end(); ++item) {
    out += separator;
    out.append(indent + 2, ' ');
    append_item(item);
    separator = ",\n";
  }
  if (!block.empty()) out.append("\n").append(indent, ' ');
  out += close;
}

void append_value(std::string& out, const json& value, int depth) {
  if (value.is_object()) {
    append_block(out, value, '{', '}', depth, [&](const json::const_iterator& item) {
      out += json_string(item.key(), true) + ": ";
      append_value(out, item.value(), depth + 1);
    });
  } else if (value.is_array()) {
    append_block(out, value, '[', ']', depth,
                 [&](const json::const_iterator& item) { append_value(out, *item, depth + 1); });
  } else if (value.is_string()) {
    out += json_string(value.get_ref<const std::string&>(), true);
  } else if (value.is_number_float()) {
    out += python_repr(value.get<double>());
  } else {
    out += value.dump();
  }
}

}  // namespace

std::string python_repr(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific);
  const std::string_view shortest(buffer.data(), static_cast<size_t>(end.ptr - buffer.data()));
  const size_t exponent_at = shortest.find('e');
  const int exponent = std::atoi(shortest.data() + exponent_at + 1);
  // to_chars writes exponents with at least two digits, and Python too.
  if (exponent < -4 || exponent >= 16) return std::string(shortest);

  const std::string_view sign = shortest[0] == '-' ? "-" : "";
  std::string digits(1, shortest[sign.size()]);
  if (exponent_at > sign.size() + 1)
    digits += shortest.substr(sign.size() + 2, exponent_at - sign.size() - 2);
  const auto count = static_cast<int>(digits.size());
  if (exponent < 0) return std::string(sign) + "0." + std::string(-exponent - 1, '0') + digits;
  if (count <= exponent + 1)
    return std::string(sign) + digits + std::string(exponent + 1 - count, '0') + ".0";
  return std::string(sign) + digits.insert(exponent + 1, ".");
}

std::string json_string_utf8(std::string_view text) { return json_string(text, false); }

std::string format_json(const json& value) {
  std::string out;
  append_value(out, value, 0);
  return out;
}

}  // namespace mezzotint
