#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "mezzotint/io/json_text.h"

namespace mezzotint {

/// The whole file. @throws Error naming the file and the system's reason.
std::string read_file(const std::filesystem::path& path);

/// Replaces `path` in one step: a temporary file beside it, written, synced and renamed; the folder
/// is synced too. On an error the old file is as it was and nothing is left behind. The folder must
/// exist; a symbolic link is replaced.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);

/// Fills a new folder beside `path` and then puts it in the place of `path` (which may exist), so
/// that a reader sees the old folder or the new one. Files that `path` had and the new one lacks
/// are gone afterwards. Folders above `path` are made. When `fill` throws, everything is as it was.
/// A symbolic link to a folder is followed.
void write_folder_atomic(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& scratch)>& fill);

/// Parses a JSON file of at most 64 MiB, as Python reads it (see parse_json).
/// @throws Error naming the file, line and column; says so when it is a git-lfs pointer.
nlohmann::json read_json(const std::filesystem::path& path,
                         DuplicateKeys duplicates = DuplicateKeys::kLastWins);

/// Indent 2, sorted keys, a newline at the end: byte for byte as diffusers writes its
/// configurations (see format_json).
void write_json(const std::filesystem::path& path, const nlohmann::json& json);

}  // namespace mezzotint
