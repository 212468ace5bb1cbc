#include "apps/cli/text_table.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace mezzotint::cli {
namespace {

constexpr std::string_view kBetween = "  ";
constexpr size_t kShortest = 10;  // that fit() cuts a cell to

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

/// The widest of each column.
std::vector<size_t> widths_of(const TextTable& table) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    widths.push_back(text_width(table.columns[i].title));
    for (const auto& row : table.rows) widths[i] = std::max(widths[i], text_width(row[i]));
  }
  return widths;
}

size_t line_width(const std::vector<size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), size_t{0}) +
         kBetween.size() * (widths.size() - 1);
}

/// The width of the lines when all is cut that may be.
size_t least_width(const TextTable& table) {
  std::vector<size_t> widths = widths_of(table);
  for (size_t i = 0; i < widths.size(); ++i)
    if (table.columns[i].shortens) widths[i] = std::min(widths[i], kShortest);
  return line_width(widths);
}

/// @return whether there was one that may go.
bool leave_out_one(TextTable& table) {
  const auto least = std::ranges::max_element(table.columns, {}, &TextTable::Column::rank);
  if (least->rank == 0) return false;
  const auto at = least - table.columns.begin();
  table.columns.erase(least);
  for (auto& row : table.rows) row.erase(row.begin() + at);
  return true;
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

void TextTable::fit(size_t width) {
  while (least_width(*this) > width && leave_out_one(*this)) {
  }
  std::vector<size_t> widths = widths_of(*this);
  while (line_width(widths) > width) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < widths.size(); ++i)
      if (columns[i].shortens && widths[i] > (widest ? *widest : kShortest)) widest = &widths[i];
    if (!widest) break;
    --*widest;
  }
  for (auto& row : rows)
    for (size_t i = 0; i < widths.size(); ++i) row[i] = end_of_text(row[i], widths[i]);
}

std::string TextTable::text() const {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns) lines[0].push_back(column.title);
  lines.insert(lines.end(), rows.begin(), rows.end());
  const std::vector<size_t> widths = widths_of(*this);
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (size_t i = 0; i < columns.size(); ++i)
      row +=
          std::string(i ? kBetween : "") + padded(printable(line[i]), widths[i], columns[i].right);
    text += row.substr(0, row.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace mezzotint::cli
