#include "mezzotint/pipelines/model_search.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "mezzotint/base/error.h"
#include "mezzotint/base/shell_quoted.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/pipelines/hub_cache.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

/// Hub ids of the models that the course uses: candidates for "did you mean" when the cache is
/// still empty.
const std::vector<std::string> kCourseModels = {"google/ddpm-celebahq-256",
                                                "google/ddpm-bedroom-256", "google/ddpm-cifar10-32",
                                                "johnowhitaker/sd-class-wikiart-from-bedrooms"};

bool is_path(const std::string& model) {
  return model.starts_with("/") || model.starts_with("./") || model.starts_with("../") ||
         model.starts_with("~") || model == "." || model == ".." ||
         std::ranges::count(model, '/') > 1;
}

/// A pipeline has model_index.json, a CLIP config.json.
bool holds_model(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "model_index.json", error) ||
         fs::exists(folder / "config.json", error);
}

/// A run folder has a config.json, as a CLIP has, and the records of the run.
bool holds_run(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "config.json", error) &&
         fs::is_regular_file(folder / "metrics.jsonl", error) &&
         !fs::exists(folder / "model_index.json", error);
}

fs::path model_of_run(const fs::path& run) {
  std::error_code error;
  if (fs::is_directory(run / "model", error)) return run / "model";
  fail(run.string(), ": is a training run that has no model yet; ", (run / "model").string(),
       " is there when it is done: mezzotint resume ", shell_quoted(run.string()));
}

std::vector<std::string> folder_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_directory(error)) names.push_back(entry.path().filename());
  return names;
}

[[noreturn]] void fail_unknown(const std::string& model, const ModelSearch& search) {
  const std::vector<std::string> starters = search.starter_models();
  std::vector<std::string> candidates = starters;
  const std::vector<std::string> cached = search.cached_models();
  candidates.insert(candidates.end(), cached.begin(), cached.end());
  candidates.insert(candidates.end(), kCourseModels.begin(), kCourseModels.end());
  std::erase(candidates, model);
  const std::string hint = did_you_mean(model, candidates);
  const std::string known = starters.empty() ? "none found" : joined(starters);
  if (!is_hub_id(model) || model.find('/') == std::string::npos)
    fail("no model '", model, "'", hint.empty() ? ";" : hint,
         " looked for: a folder of that name, starter models (", known, "), the hub's cache ",
         search.hub_cache.string());
  fail("no model '", model, "'", hint.empty() ? ":" : hint,
       " not a folder, and not in the hub's cache ", search.hub_cache.string(),
       "; if it is a model of the hub, fetch it with: hf download ", model);
}

}  // namespace

ModelSearch ModelSearch::from_environment(const std::vector<fs::path>& more) {
  ModelSearch search;
  if (const char* folder = std::getenv("MEZZOTINT_MODELS_DIR"); folder && *folder)
    search.starter_folders.emplace_back(folder);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error)
    search.starter_folders.push_back(program.parent_path().parent_path() /
                                     "share/mezzotint/models");
  search.starter_folders.insert(search.starter_folders.end(), more.begin(), more.end());
  search.hub_cache = hub_cache_folder();
  return search;
}

std::vector<std::string> ModelSearch::starter_models() const {
  std::vector<std::string> names;
  for (const fs::path& folder : starter_folders)
    for (const std::string& name : folder_names(folder))
      if (holds_model(folder / name)) names.push_back(name);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::vector<std::string> ModelSearch::cached_models() const {
  std::vector<std::string> ids;
  for (const std::string& name : folder_names(hub_cache))
    if (const std::string id = hub_id_of_folder(name); !id.empty()) ids.push_back(id);
  std::ranges::sort(ids);
  return ids;
}

fs::path find_model(const std::string& model, const ModelSearch& search) {
  if (model.empty()) fail_usage("no model given: name a folder, a starter model or a hub id");
  std::error_code error;
  if (holds_run(model)) return model_of_run(model);
  if (fs::exists(model, error)) return model;
  if (is_path(model)) fail("no such folder: ", model);
  for (const fs::path& folder : search.starter_folders)
    if (holds_model(folder / model)) return folder / model;
  if (!search.hub_cache.empty() && is_hub_id(model))
    if (const fs::path snapshot = cached_snapshot(search.hub_cache, model); !snapshot.empty())
      return snapshot;
  fail_unknown(model, search);
}

fs::path find_model(const std::string& model) {
  return find_model(model, ModelSearch::from_environment());
}

}  // namespace mezzotint
