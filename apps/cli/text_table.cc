#include "apps/cli/text_table.h"

#include <algorithm>

namespace mezzotint::cli {
namespace {

constexpr const char* kBetween = "  ";

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  return text;
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
