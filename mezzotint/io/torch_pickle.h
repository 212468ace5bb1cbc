#pragma once

#include <map>
#include <string>

#include "mezzotint/io/byte_reader.h"
#include "mezzotint/io/pickle_value.h"

namespace mezzotint {

/// What one pickle describes.
struct TorchPickle {
  PickleArena arena;                              ///< owns every value
  const PickleValue* root = nullptr;              ///< the value that the pickle is
  std::map<std::string, PickleStorage> storages;  ///< those that tensors are views of, by key
};

/// Interprets one pickle (protocols 0 to 5, as far as torch.save writes them) and leaves `reader`
/// behind it. Values are descriptions over the reader's bytes, which must outlive the result.
/// Nothing is run: see torch_objects.h.
/// @throws Error naming the byte and what is wrong or refused there.
TorchPickle read_torch_pickle(ByteReader& reader);

}  // namespace mezzotint
