#include "mezzotint/report/html.h"

#include <sstream>
#include <string_view>

#include "mezzotint/base/error.h"
#include "mezzotint/report/data_uri.h"
#include "mezzotint/report/html_parts.h"
#include "mezzotint/report/html_script.h"
#include "mezzotint/report/html_style.h"

namespace mezzotint {
namespace {

void write_pictures(std::ostream& out, const std::vector<ReportPicture>& pictures) {
  if (pictures.empty()) return;
  out << "<div class=\"pictures\">\n";
  for (const ReportPicture& picture : pictures) {
    // An SVG too is an image and not part of the page: its ids and styles stay its own, and what
    // it may hold of scripts doesn't run.
    const std::string name = "picture '" + picture.caption + "'";
    // One that is shifted must be reachable by the keyboard.
    out << (picture.long_row ? "<figure class=\"long\"><div class=\"shifted\" tabindex=\"0\">"
                             : "<figure>")
        << "<img alt=\"" << html_escaped(picture.alt.empty() ? picture.caption : picture.alt)
        << "\" src=\"" << picture_uri(picture.bytes, name) << "\">"
        << (picture.long_row ? "</div>" : "");
    if (!picture.caption.empty())
      out << "<figcaption>" << html_escaped(picture.caption) << "</figcaption>";
    out << "</figure>\n";
  }
  out << "</div>\n";
}

void write_row(std::ostream& out, const std::vector<std::string>& cells, std::string_view tag) {
  out << "<tr>";
  for (const std::string& cell : cells)
    out << "<" << tag << ">" << html_escaped(cell) << "</" << tag << ">";
  out << "</tr>\n";
}

void write_table(std::ostream& out, const ReportTable& table, const std::string& section) {
  if (table.columns.empty() && table.rows.empty()) return;
  out << "<div class=\"table\"><table>\n";
  write_row(out, table.columns, "th");
  for (const auto& row : table.rows) {
    MEZZO_CHECK(row.size() == table.columns.size(), "table of '", section, "': a row has ",
                row.size(), " cells, wanted ", table.columns.size());
    write_row(out, row, "td");
  }
  out << "</table></div>\n";
}

void write_commands(std::ostream& out, const std::vector<std::string>& commands) {
  if (commands.empty()) return;
  out << "<pre>";
  for (const std::string& command : commands) out << html_escaped(command) << "\n";
  out << "</pre>\n";
}

void write_section(std::ostream& out, const ReportSection& section) {
  out << "<section>\n";
  if (!section.title.empty()) out << "<h2>" << html_escaped(section.title) << "</h2>\n";
  for (const std::string& paragraph : section.paragraphs)
    out << "<p>" << html_escaped(paragraph) << "</p>\n";
  write_timeline(out, section.timeline);
  write_pictures(out, section.pictures);
  write_table(out, section.table, section.title);
  write_links(out, section.links);
  write_commands(out, section.commands);
  out << "</section>\n";
}

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string render_html(const Report& report) {
  std::ostringstream out;
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      << "<meta name=\"color-scheme\" content=\"light dark\">\n";
  write_policy(out, report);
  out << "<title>" << html_escaped(report.title) << "</title>\n"
      << "<style>\n"
      << kReportStyle << "</style>\n</head>\n<body>\n<header>\n"
      << "<h1>" << html_escaped(report.title) << "</h1>\n";
  if (!report.lead.empty()) out << "<p class=\"lead\">" << html_escaped(report.lead) << "</p>\n";
  if (report.state) write_state(out, *report.state);
  out << "</header>\n<main>\n";
  for (const ReportSection& section : report.sections) write_section(out, section);
  out << "</main>\n";
  if (needs_script(report)) out << "<script>" << kReportScript << "</script>\n";
  out << "</body>\n</html>\n";
  return out.str();
}

}  // namespace mezzotint
