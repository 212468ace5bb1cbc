#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mezzotint/io/element_type.h"

namespace mezzotint {

struct PickleValue;

struct PickleNone {};
/// Bytes, or a whole number too large for 64 bits (little-endian).
struct PickleBytes {
  std::string_view bytes;
};
struct PickleText {
  std::string_view text;
};
/// A list, a tuple or a torch.Size.
struct PickleSequence {
  std::vector<const PickleValue*> items;
  bool tuple = false;
};
struct PickleDict {
  std::vector<std::pair<const PickleValue*, const PickleValue*>> items;
};
/// A storage of torch: a run of elements that tensors are views of.
struct PickleStorage {
  std::string key;                  ///< names its bytes in the file
  std::optional<ElementType> type;  ///< none: counted in bytes
  int64_t count = 0;                ///< elements of the whole storage
  int64_t view_begin = 0;           ///< the part that this value is: elements
  int64_t view_count = 0;

  int64_t element_size() const { return type ? element_type_info(*type).size : 1; }
};
/// A tensor as a view of a storage; already checked to lie inside it.
struct PickleTensor {
  PickleStorage storage;
  ElementType type = ElementType::kF32;
  int64_t offset = 0;  ///< elements of `type` from the start of the whole storage
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
};
/// An object of a class that a TorchScript archive defines, such as a module of a network. Its
/// class is never looked at.
struct PickleObject {
  std::string_view name;               ///< of the class, "__torch__.net.Net"; lies in its value
  const PickleValue* state = nullptr;  ///< the dict of its attributes; none: it was given none
};
/// A name of Python that is on the list of what a file may ask for.
enum class PickleGlobalKind {
  kOrderedDict,
  kSize,
  kRebuildTensor,    ///< (storage, offset, sizes, strides)
  kRebuildTensorV2,  ///< ... (requires_grad, hooks[, metadata])
  kRebuildTensorV3,  ///< ... (requires_grad, hooks, dtype[, metadata])
  kRebuildParameter,
  kStorageType,
  kElementType,
  kTyped,        ///< (value[, type]) -> value: TorchScript's lists of numbers
  kScriptClass,  ///< a class that a TorchScript archive defines
};
struct PickleGlobal {
  PickleGlobalKind kind = PickleGlobalKind::kOrderedDict;
  std::optional<ElementType> type;  ///< of a storage type (none: untyped) or an element type
  std::string name;                 ///< "torch.FloatStorage"
};

/// One value. Values refer to each other by pointers into the arena that owns them all, so that a
/// file with values that contain themselves neither leaks nor recurses.
struct PickleValue {
  std::variant<PickleNone, bool, int64_t, double, PickleBytes, PickleText, PickleSequence,
               PickleDict, PickleStorage, PickleTensor, PickleGlobal, PickleObject>
      data;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
};

/// "a dict", "posix.system", ...: for errors.
std::string in_words(const PickleValue& value);

using PickleArena = std::deque<PickleValue>;

}  // namespace mezzotint
