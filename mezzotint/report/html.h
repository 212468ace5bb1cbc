#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mezzotint {

/// A picture of a page, held as the bytes of its file: PNG, JPEG, WebP or SVG.
struct ReportPicture {
  std::string bytes;
  std::string caption;
  std::string alt = "";   ///< what it shows, for who can't see it; the caption where it is empty
  bool long_row = false;  ///< on a narrow screen it is shifted rather than made small
};

/// What a picture became over time: one place of the page whose picture a slider chooses. Without a
/// script the pictures stand in a row that can be shifted.
struct ReportTimeline {
  struct Frame {
    int64_t at = 0;  ///< the update: where the slider stands outlives reloading by it
    std::string caption;
    std::string bytes;   ///< PNG, JPEG, WebP or SVG
    std::string second;  ///< one to compare with, beside it; may be empty
  };
  std::vector<Frame> frames;
  std::string first_name;  ///< what the pictures are, above them, where there are second ones
  std::string second_name;
};

/// A file beside the page, by its path from there.
struct ReportLink {
  std::string path;
  std::string text;
};

/// Rows of text under column names; each row has as many cells as there are columns.
struct ReportTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A part of a page under its own heading, in this order: text, timeline, pictures, table, links,
/// commands.
/// Whatever is empty takes no room.
struct ReportSection {
  std::string title;
  std::vector<std::string> paragraphs;
  std::vector<ReportPicture> pictures;  ///< side by side while there is room
  ReportTable table;
  std::vector<std::string> commands;  ///< lines for a shell, in a block that is easy to copy
  std::vector<ReportLink> links = {};
  ReportTimeline timeline = {};
};

/// How something stands that takes time, in a line below the title.
struct ReportState {
  std::string name;     ///< "running", "done", "stopped", "failed", or another
  std::string text;     ///< what follows it: "update 300 of 1000, 3:12 left"; may be empty
  double share = -1;    ///< 0 to 1 for a bar; below 0: no bar
  int64_t changed = 0;  ///< seconds since 1970; 0: isn't said
  int refresh_s = 0;    ///< the open page loads itself anew every so many seconds; 0: never
};

struct Report {
  std::string title;
  std::string lead;  ///< one sentence below the title
  std::vector<ReportSection> sections;
  std::optional<ReportState> state = std::nullopt;
};

/// The report as one HTML page that needs nothing beside it: pictures are data URIs, the style is
/// inside, and a policy in its head forbids it to load anything. Only a page with a timeline or one
/// that refreshes itself has a script, which the policy names by its hash; without it everything is
/// still there. The page follows the reader's choice of light or dark. All text is taken as text,
/// never as markup.
/// @throws Error when a picture is none of the known kinds, or a table's row has too many or too
/// few cells.
std::string render_html(const Report& report);

/// `text` with &, <, >, " and ' written so that HTML shows them.
std::string html_escaped(const std::string& text);

}  // namespace mezzotint
