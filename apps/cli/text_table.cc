#include "apps/cli/text_table.h"

#include <algorithm>

namespace mezzotint::cli {
namespace {

constexpr const char* kBetween = "  ";

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Control characters, U+0080 to U+009F (0xC2 0x80 and so on) among them, as question marks.
std::string printable(const std::string& text) {
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool second_set = byte == 0xC2 && next >= 0x80 && next < 0xA0;
    shown += byte < 32 || byte == 127 || second_set ? '?' : text[i];
    if (second_set) ++i;
  }
  return shown;
}

std::string padded(const std::string& text, size_t width, bool right) {
  const std::string space(width - std::min(width, text_width(text)), ' ');
  return right ? space + text : text + space;
}

}  // namespace

size_t text_width(const std::string& text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::string end_of_text(const std::string& text, size_t width) {
  size_t left = text_width(text);
  if (left <= width) return text;
  size_t begin = 0;
  for (; begin < text.size() && (left >= width || continues_character(text[begin])); ++begin)
    if (!continues_character(text[begin])) --left;
  return "…" + text.substr(begin);
}

std::string TextTable::text() const {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns) lines[0].push_back(column.title);
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<size_t> widths(columns.size(), 0);
  for (const auto& line : lines)
    for (size_t i = 0; i < columns.size(); ++i)
      widths[i] = std::max(widths[i], text_width(line[i]));
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (size_t i = 0; i < columns.size(); ++i)
      row += (i ? kBetween : "") + padded(printable(line[i]), widths[i], columns[i].right);
    text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace mezzotint::cli
