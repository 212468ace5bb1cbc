#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace mezzotint {

/// The whole file. @throws Error naming the file and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Replaces `path` in one step: a temporary file beside it, written, synced and renamed; the folder is synced too. On an
/// error the old file is as it was and nothing is left behind.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);

/// Fills a new folder beside `path` and then puts it in the place of `path` (which may exist), so that a reader sees
/// the old folder or the new one. Files that `path` had and the new one lacks are gone afterwards.
void write_folder_atomic(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& scratch)>& fill);

/// Parses a JSON file. @throws Error naming the file, line and column; says so when it is a git-lfs pointer.
nlohmann::json read_json(const std::filesystem::path& path);

/// Indent 2, sorted keys, a newline at the end: as diffusers writes its configurations.
void write_json(const std::filesystem::path& path, const nlohmann::json& json);

}  // namespace mezzotint
