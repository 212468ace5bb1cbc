#include "mezzotint/io/torch_objects.h"

#include <algorithm>
#include <array>

#include "mezzotint/base/counted.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

struct Function {
  std::string_view module;
  std::string_view name;
  PickleGlobalKind kind;
};

constexpr std::array<Function, 11> kFunctions = {{
    {"collections", "OrderedDict", PickleGlobalKind::kOrderedDict},
    {"torch", "Size", PickleGlobalKind::kSize},
    {"torch._utils", "_rebuild_tensor", PickleGlobalKind::kRebuildTensor},
    {"torch._utils", "_rebuild_tensor_v2", PickleGlobalKind::kRebuildTensorV2},
    {"torch._utils", "_rebuild_tensor_v3", PickleGlobalKind::kRebuildTensorV3},
    {"torch._utils", "_rebuild_parameter", PickleGlobalKind::kRebuildParameter},
    {"torch.jit._pickle", "build_intlist", PickleGlobalKind::kTyped},
    {"torch.jit._pickle", "build_doublelist", PickleGlobalKind::kTyped},
    {"torch.jit._pickle", "build_boollist", PickleGlobalKind::kTyped},
    {"torch.jit._pickle", "build_tensorlist", PickleGlobalKind::kTyped},
    {"torch.jit._pickle", "restore_type_tag", PickleGlobalKind::kTyped},
}};

constexpr size_t kMostDimensions = 64;  // torch's own limit

/// A view that repeats elements (stride 0) can be larger than its storage; beyond this it is no
/// weight.
constexpr int64_t kLargestRepeatedView = int64_t{1} << 28U;

/// The arguments of one call, or the parts of an id, taken by position.
class Arguments {
 public:
  Arguments(const PickleValue& tuple, std::string what, const ByteReader& reader)
      : what_(std::move(what)), reader_(reader) {
    const auto* sequence = tuple.as<PickleSequence>();
    if (sequence == nullptr || !sequence->tuple)
      reader.fail_here(what_, ": got ", in_words(tuple), ", wanted a tuple");
    items_ = &sequence->items;
  }

  size_t size() const { return items_->size(); }

  template <class T>
  bool is(size_t index) const {
    return index < size() && (*items_)[index]->template as<T>() != nullptr;
  }

  const PickleValue& value(size_t index, std::string_view wanted) const {
    if (index >= size())
      reader_.fail_here(what_, ": got ", size(), " parts, ", wanted, " is missing");
    return *(*items_)[index];
  }

  template <class T>
  const T& get(size_t index, std::string_view wanted) const {
    const PickleValue& item = value(index, wanted);
    const T* typed = item.template as<T>();
    if (typed == nullptr) reader_.fail_here(what_, ": got ", in_words(item), ", wanted ", wanted);
    return *typed;
  }

  int64_t count(size_t index, std::string_view wanted) const {
    const auto value = get<int64_t>(index, wanted);
    if (value < 0) reader_.fail_here(what_, ": got ", value, ", wanted ", wanted, ", at least 0");
    return value;
  }

  std::vector<int64_t> counts(size_t index, std::string_view wanted) const {
    get<PickleSequence>(index, wanted);
    const Arguments parts(*(*items_)[index], concat(what_, ": ", wanted), reader_);
    if (parts.size() > kMostDimensions)
      reader_.fail_here("a tensor of ", counted(parts.size(), "dimension"), "; wanted at most ",
                        kMostDimensions);
    std::vector<int64_t> values;
    for (size_t i = 0; i < parts.size(); ++i) values.push_back(parts.count(i, "a number"));
    return values;
  }

 private:
  const std::vector<const PickleValue*>* items_ = nullptr;
  std::string what_;
  const ByteReader& reader_;
};

/// One more than the furthest element that a view reaches, counted from its offset; 0 for an empty
/// view. Empty on overflow.
std::optional<int64_t> reach(const PickleTensor& tensor) {
  int64_t last = 0;
  int64_t count = 1;
  for (size_t i = 0; i < tensor.sizes.size(); ++i) {
    const int64_t size = std::max<int64_t>(tensor.sizes[i], 1);
    int64_t step = 0;
    if (__builtin_mul_overflow(count, size, &count) ||
        __builtin_mul_overflow(size - 1, tensor.strides[i], &step) ||
        __builtin_add_overflow(last, step, &last))
      return std::nullopt;
  }
  if (std::ranges::find(tensor.sizes, 0) != tensor.sizes.end()) return 0;
  int64_t end = 0;
  if (__builtin_add_overflow(last, 1, &end)) return std::nullopt;
  if (count > std::max(end, kLargestRepeatedView)) return std::nullopt;
  return end;
}

/// Moves the offset from the storage's view to the whole storage and checks that the tensor lies
/// inside the view.
void check_inside(PickleTensor& tensor, const ByteReader& reader) {
  const int64_t size = element_type_info(tensor.type).size;
  const PickleStorage& storage = tensor.storage;
  const int64_t view_bytes = storage.view_count * storage.element_size();
  const std::optional<int64_t> span = reach(tensor);
  int64_t end = 0;
  if (!span || __builtin_add_overflow(tensor.offset, *span, &end) || end > view_bytes / size)
    reader.fail_here("a tensor reaches outside its storage ", in_quotes(storage.key), " of ",
                     counted(view_bytes / size, "element"));
  const int64_t begin_bytes = storage.view_begin * storage.element_size();
  if (begin_bytes % size != 0)
    reader.fail_here("a tensor lies askew in its storage ", in_quotes(storage.key));
  tensor.offset += begin_bytes / size;
}

PickleTensor rebuild_tensor(const PickleGlobal& function, const Arguments& arguments,
                            const ByteReader& reader) {
  PickleTensor tensor;
  tensor.storage = arguments.get<PickleStorage>(0, "a storage");
  tensor.offset = arguments.count(1, "the offset");
  tensor.sizes = arguments.counts(2, "the sizes");
  tensor.strides = arguments.counts(3, "the strides");
  if (tensor.sizes.size() != tensor.strides.size())
    reader.fail_here("a tensor of ", counted(tensor.sizes.size(), "size"), " and ",
                     counted(tensor.strides.size(), "stride"));
  if (function.kind == PickleGlobalKind::kRebuildTensorV3) {
    const auto& type = arguments.get<PickleGlobal>(6, "the element type");
    if (type.kind != PickleGlobalKind::kElementType)
      reader.fail_here("got ", type.name, ", wanted an element type");
    tensor.type = *type.type;
  } else if (tensor.storage.type) {
    tensor.type = *tensor.storage.type;
  } else {
    reader.fail_here("a tensor without an element type");
  }
  check_inside(tensor, reader);
  return tensor;
}

/// OrderedDict() or, as Python 2 wrote it, OrderedDict([[key, value], ...]).
PickleDict ordered_dict(const Arguments& arguments, const ByteReader& reader) {
  PickleDict dict;
  if (arguments.size() == 0) return dict;
  for (const PickleValue* item : arguments.get<PickleSequence>(0, "a list of pairs").items) {
    const auto* pair = item->as<PickleSequence>();
    if (pair == nullptr || pair->items.size() != 2)
      reader.fail_here("OrderedDict: got ", in_words(*item), ", wanted a pair");
    dict.items.emplace_back(pair->items[0], pair->items[1]);
  }
  return dict;
}

}  // namespace

PickleGlobal torch_global(std::string_view module, std::string_view name,
                          const ByteReader& reader) {
  PickleGlobal global;
  global.name = concat(module, ".", name);
  for (const Function& function : kFunctions) {
    if (function.module != module || function.name != name) continue;
    global.kind = function.kind;
    return global;
  }
  if (module == "__torch__" || module.starts_with("__torch__.")) {
    global.kind = PickleGlobalKind::kScriptClass;
    return global;
  }
  if (module == "torch") {
    global.kind = PickleGlobalKind::kStorageType;
    global.type = find_element_type(&ElementTypeInfo::torch_storage, name);
    if (global.type) return global;
    global.kind = PickleGlobalKind::kElementType;
    global.type = find_element_type(&ElementTypeInfo::torch, name);
    if (global.type) return global;
  }
  const bool untyped = name == "UntypedStorage" && (module == "torch.storage" || module == "torch");
  global.kind = PickleGlobalKind::kStorageType;
  if (untyped) return global;
  reader.fail_here("refuses ", in_quotes(global.name),
                   ": the file asks for code, and only tensors are read; nothing was run");
}

PickleValue call_torch_global(const PickleValue& function, const PickleValue& arguments,
                              const ByteReader& reader) {
  const auto* global = function.as<PickleGlobal>();
  if (global == nullptr) reader.fail_here("refuses to call ", in_words(function));
  const Arguments parts(arguments, global->name, reader);
  switch (global->kind) {
    case PickleGlobalKind::kOrderedDict:
      return {ordered_dict(parts, reader)};
    case PickleGlobalKind::kSize:
      return {PickleSequence{parts.get<PickleSequence>(0, "the sizes").items, true}};
    case PickleGlobalKind::kRebuildTensor:
    case PickleGlobalKind::kRebuildTensorV2:
    case PickleGlobalKind::kRebuildTensorV3:
      return {rebuild_tensor(*global, parts, reader)};
    case PickleGlobalKind::kRebuildParameter:
      return {parts.get<PickleTensor>(0, "a tensor")};
    case PickleGlobalKind::kTyped:
      if (parts.is<PickleDict>(0)) return {parts.get<PickleDict>(0, "a dict")};
      return {parts.get<PickleSequence>(0, "a list or a dict")};
    case PickleGlobalKind::kStorageType:
    case PickleGlobalKind::kElementType:
    case PickleGlobalKind::kScriptClass:
      break;
  }
  reader.fail_here("refuses to call ", global->name, ", which is a type");
}

PickleObject script_object(const PickleValue& type, const PickleValue& arguments,
                           const ByteReader& reader) {
  const auto* global = type.as<PickleGlobal>();
  if (global == nullptr || global->kind != PickleGlobalKind::kScriptClass)
    reader.fail_here("refuses to make an object of ", in_words(type));
  if (const Arguments parts(arguments, global->name, reader); parts.size() != 0)
    reader.fail_here(global->name, ": got ", counted(parts.size(), "argument"), ", wanted none");
  return {global->name};
}

PickleStorage torch_storage(const PickleValue& id, const ByteReader& reader) {
  const Arguments parts(id, "a persistent id", reader);
  if (parts.get<PickleText>(0, "'storage'").text != "storage")
    reader.fail_here("a persistent id of ", in_quotes(parts.get<PickleText>(0, "a kind").text),
                     "; wanted 'storage'");
  const auto& type = parts.get<PickleGlobal>(1, "a storage type");
  if (type.kind != PickleGlobalKind::kStorageType)
    reader.fail_here("got ", type.name, ", wanted a storage type");
  PickleStorage storage;
  storage.type = type.type;
  storage.key = parts.get<PickleText>(2, "the storage's key").text;
  storage.count = parts.count(4, "the number of elements");
  storage.view_count = storage.count;
  int64_t bytes = 0;
  if (__builtin_mul_overflow(storage.count, storage.element_size(), &bytes))
    reader.fail_here("a storage of ", counted(storage.count, "element"));
  if (parts.size() > 5 && !parts.is<PickleNone>(5)) {
    const Arguments view(*id.as<PickleSequence>()->items[5], "a view of a storage", reader);
    storage.view_begin = view.count(1, "its begin");
    storage.view_count = view.count(2, "its number of elements");
    if (storage.view_begin > storage.count ||
        storage.view_count > storage.count - storage.view_begin)
      reader.fail_here("a view of ", counted(storage.view_count, "element"), " from ",
                       storage.view_begin, " on, in a storage of ", storage.count);
  }
  return storage;
}

}  // namespace mezzotint
