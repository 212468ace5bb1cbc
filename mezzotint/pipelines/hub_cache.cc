#include "mezzotint/pipelines/hub_cache.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

const std::string kPrefix = "models--";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path with_home(const std::string& path) {
  if (path == "~" || path.starts_with("~/")) return variable("HOME") + path.substr(1);
  return path;
}

std::pair<std::string, std::string> split_revision(const std::string& id) {
  const size_t at = id.find('@');
  if (at == std::string::npos) return {id, "main"};
  return {id.substr(0, at), id.substr(at + 1)};
}

std::string trimmed(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text;
}

}  // namespace

fs::path hub_cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
    if (const std::string value = variable(name); !value.empty()) return with_home(value);
  if (const std::string home = variable("HF_HOME"); !home.empty()) return with_home(home) / "hub";
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty())
    return with_home(cache) / "huggingface/hub";
  if (const std::string home = variable("HOME"); !home.empty())
    return fs::path(home) / ".cache/huggingface/hub";
  return {};
}

bool is_hub_id(const std::string& id) {
  const auto [name, revision] = split_revision(id);
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '_' || c == '-' || c == '/';
  };
  return !name.empty() && std::ranges::all_of(name, allowed) &&
         std::ranges::count(name, '/') <= 1 && name.front() != '/' && name.back() != '/' &&
         name.find("..") == std::string::npos && name.find("--") == std::string::npos &&
         !revision.empty() && std::ranges::all_of(revision, allowed) && revision.front() != '/' &&
         revision.find("..") == std::string::npos;
}

std::string hub_id_of_folder(const std::string& folder_name) {
  if (!folder_name.starts_with(kPrefix)) return "";
  const std::string id = folder_name.substr(kPrefix.size());
  const size_t dashes = id.find("--");
  return dashes == std::string::npos ? id : id.substr(0, dashes) + "/" + id.substr(dashes + 2);
}

fs::path cached_snapshot(const fs::path& cache, const std::string& id) {
  const auto [name, revision] = split_revision(id);
  std::string folder_name = kPrefix + name;
  if (const size_t slash = folder_name.find('/'); slash != std::string::npos)
    folder_name.replace(slash, 1, "--");
  const fs::path model = cache / folder_name;
  std::error_code error;
  if (!fs::is_directory(model, error)) return {};
  const fs::path snapshots = model / "snapshots";
  std::string commit = revision;
  if (const fs::path ref = model / "refs" / revision; fs::is_regular_file(ref, error))
    commit = trimmed(read_file(ref));
  // The content of a ref is a folder name below snapshots/, never a path out of it.
  if (is_hub_id(commit) && fs::is_directory(snapshots / commit, error)) return snapshots / commit;
  if (revision == "main") {  // fetched by its commit only: there is no refs/main
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(snapshots, error)) all.push_back(entry.path());
    if (all.size() == 1) return all.front();
  }
  fail("the hub's cache has ", name, " but not its revision '", revision, "': ", snapshots.string(),
       " lacks it; fetch it with: hf download ", name,
       revision == "main" ? "" : " --revision " + revision);
}

}  // namespace mezzotint
