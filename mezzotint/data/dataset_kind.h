#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "mezzotint/base/registry.h"
#include "mezzotint/data/dataset.h"

namespace mezzotint {

/// One way of storing a data set. A file that implements one registers it:
/// `const Registered<DatasetKind> kIdx("idx", {...});`.
struct DatasetKind {
  /// Whether an existing file or folder looks like this kind. At most one kind should say yes.
  std::function<bool(const std::filesystem::path& path)> recognises;
  /// @param classes names of the classes, where they are known and the files don't say.
  std::function<DatasetPtr(const std::filesystem::path& path, const std::string& split,
                           const std::vector<std::string>& classes)>
      open;
};

/// A data set that has a name of its own: where packages put it, and what its classes are called.
struct KnownDataset {
  std::vector<std::filesystem::path> places;  ///< the first that exists is taken
  std::string how_to_get;                     ///< ends the sentence "not found; ..."
  std::vector<std::string> class_names;
};

}  // namespace mezzotint
