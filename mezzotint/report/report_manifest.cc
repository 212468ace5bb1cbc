#include "mezzotint/report/report_manifest.h"

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/report/run_report.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

struct Page {
  std::string title;
  std::string lead;
  std::vector<nlohmann::json> sections;
  void fields(auto& f) {
    f("title", title);
    f("lead", lead);
    f("sections", sections);
  }
};

struct Part {
  std::string title;
  std::vector<std::string> text;
  std::vector<nlohmann::json> pictures;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> commands;
  std::string run;
  void fields(auto& f) {
    f("title", title);
    f("text", text);
    f("pictures", pictures);
    f("columns", columns);
    f("rows", rows);
    f("commands", commands);
    f("run", run);
  }
};

struct PictureFile {
  std::string file;
  std::string caption;
  void fields(auto& f) {
    f("file", file);
    f("caption", caption);
  }
};

ReportSection section_of(const Part& part, const fs::path& folder, const std::string& where) {
  ReportSection section{part.title, part.text, {}, {part.columns, part.rows}, part.commands};
  for (size_t i = 0; i < part.pictures.size(); ++i) {
    PictureFile picture;
    from_json_strict(picture, part.pictures[i], concat(where, ".pictures[", i, "]"));
    section.pictures.push_back({read_file(folder / picture.file), picture.caption});
  }
  return section;
}

bool says_something(const Part& part) {
  return !part.title.empty() || !part.text.empty() || !part.pictures.empty() ||
         !part.rows.empty() || !part.commands.empty();
}

}  // namespace

Report read_report_manifest(const fs::path& path) {
  Page page;
  from_json_strict(page, read_json(path), path.string());
  if (page.title.empty()) fail_usage(path.string(), ": has no title");
  Report report{page.title, page.lead, {}};
  for (size_t i = 0; i < page.sections.size(); ++i) {
    const std::string where = concat(path.string(), ": sections[", i, "]");
    Part part;
    from_json_strict(part, page.sections[i], where);
    if (says_something(part))
      report.sections.push_back(section_of(part, path.parent_path(), where));
    if (part.run.empty()) continue;
    for (ReportSection& section : run_sections(path.parent_path() / part.run))
      report.sections.push_back(std::move(section));
  }
  return report;
}

}  // namespace mezzotint
