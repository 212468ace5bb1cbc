#pragma once

#include <map>
#include <memory>
#include <string>

#include "mezzotint/io/file_bytes.h"
#include "mezzotint/io/torch_pickle.h"

namespace mezzotint {

class MappedFile;

/// The bytes of each storage, by key.
using StorageBytes = std::map<std::string, FileBytes>;

/// A torch.save file taken apart.
struct TorchFile {
  FileBytes program;  ///< the pickle's bytes, which the values refer to
  TorchPickle pickle;
  StorageBytes storages;  ///< of every storage in `pickle`, each of the size that is said there
};

/// Takes a file of either format apart: torch/serialization.py.
///
///     zip (since 1.6)   NAME/data.pkl, NAME/byteorder, NAME/data/KEY for each storage
///     TorchScript       the same zip; its constants.pkl, constants/ and code/ aren't looked at
///     before            pickles of a magic number, 1001, {'little_endian': ...}, the object, the
///                       list of keys; then for each key the number of elements (8 bytes) and the
///                       elements
///
/// @throws Error naming the file and what is wrong or refused.
TorchFile open_torch_file(const std::shared_ptr<MappedFile>& file, const std::string& where);

}  // namespace mezzotint
