#include "mezzotint/report/html_parts.h"

#include <algorithm>
#include <ctime>

#include "mezzotint/base/error.h"
#include "mezzotint/io/sha256.h"
#include "mezzotint/report/data_uri.h"
#include "mezzotint/report/html_script.h"

namespace mezzotint {
namespace {

std::string bytes_of_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string formatted(const std::tm& time, const char* form) {
  char text[64];
  return {text, std::strftime(text, sizeof text, form, &time)};
}

std::string iso_time(std::time_t seconds) {
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return formatted(utc, "%Y-%m-%dT%H:%M:%SZ");
}

void write_frame_picture(std::ostream& out, const std::string& bytes, const std::string& name,
                         const std::string& caption) {
  const std::string shows =
      html_escaped(concat("samples", name.empty() ? "" : " of the " + name, ", ", caption));
  out << "<div>";
  if (!name.empty()) out << "<p class=\"name\">" << html_escaped(name) << "</p>";
  out << "<img alt=\"" << shows << "\" src=\"" << picture_uri(bytes, "samples, " + caption)
      << "\"></div>";
}

}  // namespace

bool needs_script(const Report& report) {
  const bool refreshes = report.state && report.state->refresh_s > 0;
  return refreshes || std::ranges::any_of(report.sections, [](const ReportSection& section) {
           return section.timeline.frames.size() > 1;
         });
}

void write_policy(std::ostream& out, const Report& report) {
  out << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
         "data:; "
      << "style-src 'unsafe-inline'; ";
  if (needs_script(report))
    out << "script-src 'sha256-" << base64(bytes_of_hex(sha256(kReportScript))) << "'; ";
  out << "base-uri 'none'; form-action 'none'\">\n";
  if (report.state && report.state->refresh_s > 0)
    out << "<noscript><meta http-equiv=\"refresh\" content=\"" << report.state->refresh_s
        << "\"></noscript>\n";
}

std::string clock_time(int64_t seconds_since_1970) {
  const std::time_t then = seconds_since_1970, now = std::time(nullptr);
  std::tm there{}, here{};
  localtime_r(&then, &there);
  localtime_r(&now, &here);
  const bool today = there.tm_yday == here.tm_yday && there.tm_year == here.tm_year;
  if (today) return formatted(there, "%H:%M:%S");
  return std::to_string(there.tm_mday) +
         formatted(there, there.tm_year == here.tm_year ? " %B %H:%M:%S" : " %B %Y, %H:%M:%S");
}

void write_state(std::ostream& out, const ReportState& state) {
  out << "<div class=\"state\" data-state=\"" << html_escaped(state.name) << "\" data-refresh=\""
      << state.refresh_s << "\" data-changed=\"" << state.changed << "\">\n<p><strong>"
      << html_escaped(state.name) << "</strong>";
  if (!state.text.empty()) out << ": " << html_escaped(state.text);
  if (state.changed > 0)
    out << " <span class=\"when\">· last change <time datetime=\"" << iso_time(state.changed)
        << "\">" << html_escaped(clock_time(state.changed)) << "</time></span>";
  out << "</p>\n";
  if (state.share >= 0)
    out << "<progress max=\"1\" value=\"" << std::clamp(state.share, 0.0, 1.0)
        << "\" aria-label=\"how much of it is done\"></progress>\n";
  out << "<p class=\"silent\" hidden></p>\n</div>\n";
}

void write_timeline(std::ostream& out, const ReportTimeline& timeline) {
  if (timeline.frames.empty()) return;
  out << "<div class=\"timeline\">\n<div class=\"bar\" hidden><button type=\"button\">Play</button>"
      << "<input type=\"range\" min=\"0\" max=\"" << timeline.frames.size() - 1 << "\" value=\""
      << timeline.frames.size() - 1 << "\" aria-label=\"update\"><output></output></div>\n"
      << "<div class=\"film\">\n";
  const bool pairs = std::ranges::any_of(
      timeline.frames, [](const ReportTimeline::Frame& frame) { return !frame.second.empty(); });
  for (const ReportTimeline::Frame& frame : timeline.frames) {
    out << "<figure class=\"frame\" data-at=\"" << frame.at << "\"><div class=\"pair\">";
    write_frame_picture(out, frame.bytes, pairs ? timeline.first_name : "", frame.caption);
    if (!frame.second.empty())
      write_frame_picture(out, frame.second, timeline.second_name, frame.caption);
    out << "</div><figcaption>" << html_escaped(frame.caption) << "</figcaption></figure>\n";
  }
  out << "</div>\n</div>\n";
}

void write_links(std::ostream& out, const std::vector<ReportLink>& links) {
  if (links.empty()) return;
  out << "<ul class=\"links\">\n";
  for (const ReportLink& link : links)
    out << "<li><a href=\"" << html_escaped(link.path) << "\">" << html_escaped(link.path)
        << "</a> " << html_escaped(link.text) << "</li>\n";
  out << "</ul>\n";
}

}  // namespace mezzotint
