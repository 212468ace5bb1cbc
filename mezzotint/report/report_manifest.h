#pragma once

#include <filesystem>

#include "mezzotint/report/html.h"

namespace mezzotint {

/// Reads a report from a list of what shall be in it:
///
///   {"title": "...", "lead": "...", "sections": [
///     {"title": "...", "text": ["..."], "pictures": [{"file": "a.png", "caption": "..."}],
///      "columns": ["step", "time"], "rows": [["build", "4 min"]], "commands": ["..."]},
///     {"run": "runs/first"}]}
///
/// Files and run folders are looked for beside the manifest. A section with "run" is followed by
/// the sections of that run (run_sections()). All keys but "title" of the report may be missing.
/// @throws Error naming the manifest and the key, or the picture, that is wrong.
Report read_report_manifest(const std::filesystem::path& path);

}  // namespace mezzotint
