#pragma once

#include <string_view>

#include "mezzotint/io/byte_reader.h"
#include "mezzotint/io/pickle_value.h"

namespace mezzotint {

// What the names in a torch.save file mean. Nothing is looked up, imported or run: a name is on the
// list below or the file is refused, and "calling" one builds a description. `reader` says where an
// error is.

/// collections.OrderedDict, torch.Size, torch._utils._rebuild_tensor{,_v2,_v3},
/// torch._utils._rebuild_parameter, the storage types and the element types; of TorchScript
/// archives the lists of torch.jit._pickle, and the classes that they define themselves,
/// __torch__.*. @throws Error for every other name.
PickleGlobal torch_global(std::string_view module, std::string_view name, const ByteReader& reader);

/// The result of calling `function` (a PickleGlobal) with `arguments` (a tuple).
/// @throws Error when it can't be called so, or a tensor would reach outside its storage.
PickleValue call_torch_global(const PickleValue& function, const PickleValue& arguments,
                              const ByteReader& reader);

/// An object without attributes yet: `type` (a PickleGlobal of TorchScript) with `arguments` (an
/// empty tuple). @throws Error for all else.
PickleObject script_object(const PickleValue& type, const PickleValue& arguments,
                           const ByteReader& reader);

/// A persistent id: ('storage', type, key, device, count[, None | (view key, begin, count)]).
PickleStorage torch_storage(const PickleValue& id, const ByteReader& reader);

}  // namespace mezzotint
