#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mezzotint/io/torch_pickle.h"

namespace mezzotint {

using NamedPickleTensor = std::pair<std::string, const PickleTensor*>;

/// The named tensors of a checkpoint: of the dict under "state_dict", "model_state_dict" or "model"
/// when there is one, else of the root, else of the one dict of tensors in it. Values that are no
/// tensors are passed over. Of a TorchScript archive, whose root is a module: the tensors that are
/// attributes of modules, under dotted names ("visual.conv1.weight"), a module's own before those
/// of modules in it, as its state_dict() has them.
/// @param where the file's name, for errors. @throws Error when there are no tensors, or it isn't
/// clear which are meant.
std::vector<NamedPickleTensor> find_state_dict(const TorchPickle& pickle, const std::string& where);

}  // namespace mezzotint
