#pragma once

#include <string>
#include <vector>

namespace mezzotint::cli {

/// A table for a person, in columns that are as wide as what is in them.
struct TextTable {
  struct Column {
    std::string title;
    bool right = false;     ///< numbers stand at the right
    int rank = 0;           ///< fit() leaves out the highest first; 0: never
    bool shortens = false;  ///< fit() may cut its cells down to their ends
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as there are columns

  /// Makes lines fit into `width` columns, as far as it may: columns are left out until the cells
  /// needn't be cut to less than ten characters, then these are.
  void fit(size_t width);

  /// Lines, each with a newline. What would disturb a terminal in a cell (control characters) is a
  /// question mark.
  std::string text() const;
};

/// How many columns of a terminal the text takes.
size_t text_width(const std::string& text);

/// The end of a text, with "…" in the place of the rest, in at most `width` columns.
std::string end_of_text(const std::string& text, size_t width);

}  // namespace mezzotint::cli
