#include "mezzotint/data/dataset.h"

#include "mezzotint/base/error.h"
#include "mezzotint/data/dataset_kind.h"

namespace mezzotint {
namespace {

DatasetPtr open_path(const std::filesystem::path& path, const std::string& split,
                     const std::vector<std::string>& classes) {
  for (const std::string& name : Registry<DatasetKind>::names()) {
    const DatasetKind& kind = Registry<DatasetKind>::at("kind of data set", name);
    if (kind.recognises(path)) return kind.open(path, split, classes);
  }
  fail(path.string(),
       ": not a data set; wanted a folder of pictures, a folder with idx files, or one idx file of "
       "pictures");
}

DatasetPtr open_known(const std::string& name, const std::string& split) {
  const KnownDataset& known = Registry<KnownDataset>::at("data set", name);
  for (const std::filesystem::path& place : known.places)
    if (std::filesystem::exists(place)) return open_path(place, split, known.class_names);
  fail("data set '", name, "': not found in ", known.places.front().string(), "; ",
       known.how_to_get);
}

}  // namespace

DatasetPtr open_dataset(const std::string& data, const std::string& split) {
  if (split != "train" && split != "test")
    fail_usage("unknown split '", split, "'; known: train, test");
  std::error_code ignored;
  if (std::filesystem::exists(data, ignored)) return open_path(data, split, {});
  if (Registry<KnownDataset>::contains(data)) return open_known(data, split);
  const std::vector<std::string> names = Registry<KnownDataset>::names();
  fail("data set '", data, "': no such file or folder, and no known name",
       did_you_mean(data, names), "; known names: ", joined(names));
}

DatasetPtr open_split(const std::string& data, const std::string& split) {
  try {
    return open_dataset(data, split);
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace mezzotint
