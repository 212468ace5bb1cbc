#pragma once

#include <string>

#include "mezzotint/io/state_dict.h"

namespace mezzotint {

/// The tensors of a TorchScript module and of the modules in it: see find_state_dict().
/// @param where the file's name, for errors. @throws Error when a module has no attributes, stands
/// in itself, or the names are more than any network has.
std::vector<NamedPickleTensor> script_module_tensors(const PickleObject& module,
                                                     const std::string& where);

}  // namespace mezzotint
