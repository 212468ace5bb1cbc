#pragma once

#include <string>
#include <vector>

namespace mezzotint {

/// A picture of a page, held as the bytes of its file: PNG, JPEG, WebP or SVG.
struct ReportPicture {
  std::string bytes;
  std::string caption;
};

/// Rows of text under column names; each row has as many cells as there are columns.
struct ReportTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A part of a page under its own heading, in this order: text, pictures, table, commands.
/// Whatever is empty takes no room.
struct ReportSection {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<ReportPicture> pictures;  ///< side by side while there is room
  ReportTable table;
  std::vector<std::string> commands;  ///< lines for a shell, in a block that is easy to copy
};

struct Report {
  std::string title;
  std::string lead;  ///< one sentence below the title
  std::vector<ReportSection> sections;
};

/// The report as one HTML page that needs nothing beside it: pictures are data URIs, the style is
/// inside, there is no script. It follows the reader's choice of light or dark. All text is taken
/// as text, never as markup.
/// @throws Error when a picture is none of the known kinds, or a table's row has too many or too
/// few cells.
std::string render_html(const Report& report);

/// `text` with &, <, >, " and ' written so that HTML shows them.
std::string html_escaped(const std::string& text);

}  // namespace mezzotint
