// Files of `torch.save`: a zip archive (since torch 1.6) or a stream of pickles with the storages
// behind them. Reference: torch/serialization.py (_load, _legacy_load) and torch/_utils.py.
#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/file_tensor.h"
#include "mezzotint/io/git_lfs.h"
#include "mezzotint/io/mapped_file.h"
#include "mezzotint/io/pickle.h"
#include "mezzotint/io/utf8.h"
#include "mezzotint/io/weights_folder.h"
#include "mezzotint/io/zip_archive.h"

namespace mezzotint {
namespace {

using Kind = PickleValue::Kind;

constexpr size_t kMostDimensions = 64;  ///< of a tensor: torch's own limit
constexpr size_t kLongestKey = 256;     ///< of a storage's name: torch writes small numbers

/// A storage that a pickle names; its bytes come later.
struct Storage {
  std::string key;
  ElementType type;
  int64_t count = 0;  ///< elements
};

/// A tensor that a pickle describes.
struct TensorView {
  size_t storage = 0;  ///< index
  int64_t offset = 0;
  std::vector<int64_t> sizes, strides;
};

/// Understands the few names that a state_dict is made of, and keeps what they describe.
class StateDictReader {
 public:
  explicit StateDictReader(std::string name) : name_(std::move(name)) {}

  Unpickler unpickler(std::string_view bytes) {
    return {bytes, name_, &StateDictReader::allowed,
            [this](const std::string& global, const PickleValue& arguments) {
              return reduce(global, arguments);
            },
            [this](const PickleValue& id) { return persistent(id); }};
  }

  const std::vector<Storage>& storages() const { return storages_; }
  /// The tensors of a state_dict, once the bytes of every storage are there.
  Weights weights(const PickleValue& root, const std::map<std::string, FileBytes>& bytes) const;

 private:
  static std::optional<ElementType> storage_type(std::string_view global);
  static bool allowed(const std::string& global);
  PickleValue reduce(const std::string& global, const PickleValue& arguments);
  PickleValue persistent(const PickleValue& id);
  PickleValue tensor(const PickleValue& arguments);
  Tensor materialise(const TensorView& view, const std::map<std::string, FileBytes>& bytes,
                     const std::string& key) const;
  [[noreturn]] void damaged(const char* how) const { fail(name_, ": is damaged: ", how); }

  // What `integer` of a kObject node is an index into, told apart by `text`.
  static constexpr const char* kStorage = "storage";
  static constexpr const char* kTensor = "tensor";

  std::string name_;
  std::vector<Storage> storages_;
  std::vector<TensorView> tensors_;
};

std::optional<ElementType> StateDictReader::storage_type(std::string_view global) {
  constexpr std::string_view kPrefix = "torch.";
  if (!global.starts_with(kPrefix)) return std::nullopt;
  return find_element_type(&ElementTypeInfo::torch_storage, global.substr(kPrefix.size()));
}

bool StateDictReader::allowed(const std::string& global) {
  static const std::set<std::string> kNames = {
      "collections.OrderedDict", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
      "torch._utils._rebuild_parameter", "torch.Size"};
  return kNames.contains(global) || storage_type(global).has_value();
}

PickleValue StateDictReader::reduce(const std::string& global, const PickleValue& arguments) {
  if (global == "collections.OrderedDict") {
    if (!arguments.items.empty()) damaged("an OrderedDict with arguments");
    return {.kind = Kind::kDict};
  }
  // What is handed on is small, or a file could make much of a little by handing it on often.
  const PickleValue* first = arguments.items.empty() ? nullptr : arguments.items[0];
  if (global == "torch.Size" && first && first->items.size() <= kMostDimensions) return *first;
  if (global == "torch._utils._rebuild_parameter" && first && first->is(Kind::kObject))
    return *first;
  if (global.starts_with("torch._utils._rebuild_tensor")) return tensor(arguments);
  damaged("something that is no function is called");
}

PickleValue StateDictReader::persistent(const PickleValue& id) {
  // ("storage", type, key, device, elements), and before 1.6 a description of a view, None since.
  const auto& items = id.items;
  const bool shaped = id.is(Kind::kTuple) && items.size() >= 5 && items[0]->text == "storage" &&
                      items[1]->is(Kind::kGlobal) && items[2]->is(Kind::kText) &&
                      items[2]->text.size() <= kLongestKey && items[4]->is(Kind::kInt) &&
                      items[4]->integer >= 0;
  if (!shaped) damaged("a storage isn't described as torch describes it");
  if (items.size() > 5 && !items[5]->is(Kind::kNone))
    fail(name_, ": holds a view of a storage, as torch wrote it before 0.4; save it anew");
  const std::optional<ElementType> type = storage_type(items[1]->text);
  if (!type) damaged("a storage has no element type");
  storages_.push_back({items[2]->text, *type, items[4]->integer});
  return {.kind = Kind::kObject,
          .integer = static_cast<int64_t>(storages_.size()) - 1,
          .text = kStorage};
}

PickleValue StateDictReader::tensor(const PickleValue& arguments) {
  const auto& items = arguments.items;
  const auto whole_numbers = [this](const PickleValue& tuple) {
    if (tuple.items.size() > kMostDimensions) damaged("a tensor has too many dimensions");
    std::vector<int64_t> numbers;
    for (const PickleValue* item : tuple.items) {
      if (!item->is(Kind::kInt) || item->integer < 0)
        damaged("a size or stride is no whole number");
      numbers.push_back(item->integer);
    }
    return numbers;
  };
  const bool shaped = items.size() >= 4 && items[0]->is(Kind::kObject) &&
                      items[0]->text == kStorage && items[1]->is(Kind::kInt) &&
                      items[1]->integer >= 0 && items[2]->is(Kind::kTuple) &&
                      items[3]->is(Kind::kTuple);
  if (!shaped) damaged("a tensor isn't described as torch describes it");
  tensors_.push_back({static_cast<size_t>(items[0]->integer), items[1]->integer,
                      whole_numbers(*items[2]), whole_numbers(*items[3])});
  if (tensors_.back().sizes.size() != tensors_.back().strides.size())
    damaged("a tensor's sizes and strides don't fit");
  return {
      .kind = Kind::kObject, .integer = static_cast<int64_t>(tensors_.size()) - 1, .text = kTensor};
}

Tensor StateDictReader::materialise(const TensorView& view,
                                    const std::map<std::string, FileBytes>& bytes,
                                    const std::string& key) const {
  const Storage& storage = storages_[view.storage];
  const std::string what = concat(name_, ": ", mezzotint::quoted(key));
  const FileBytes& data = bytes.at(storage.key);
  const int64_t size = element_type_info(storage.type).size;
  MEZZO_CHECK(storage.count <= static_cast<int64_t>(data.size) / size, what, ": its storage has ",
              data.size, " bytes, wanted ", storage.count, " elements");
  // The last element must lie in the storage, and there must not be more elements than it holds:
  // strides of zero would let a small file ask for any amount of memory.
  int64_t last = view.offset, count = 1;
  bool fits = true;
  for (size_t i = 0; i < view.sizes.size(); ++i) {
    int64_t reach = 0;
    fits =
        fits && !__builtin_mul_overflow(count, view.sizes[i], &count) &&
        !__builtin_mul_overflow(std::max<int64_t>(view.sizes[i] - 1, 0), view.strides[i], &reach) &&
        !__builtin_add_overflow(last, reach, &last);
  }
  MEZZO_CHECK(fits && (count == 0 || (last < storage.count && count <= storage.count)), what,
              ": reaches beyond its storage of ", storage.count, " elements");
  const FileBytes all{data.data, static_cast<size_t>(storage.count * size), data.owner};
  const Tensor flat = tensor_over(all, storage.type, {storage.count}, what);
  return flat.as_strided(view.sizes, view.strides, view.offset).contiguous();
}

Weights StateDictReader::weights(const PickleValue& root,
                                 const std::map<std::string, FileBytes>& bytes) const {
  if (!root.is(Kind::kDict)) fail(name_, ": holds no state_dict (a dictionary of tensors)");
  const PickleValue* nested = root.find("state_dict");
  const PickleValue& state_dict = nested && nested->is(Kind::kDict) ? *nested : root;
  Weights all;
  std::vector<std::string> others;
  for (const auto& [key, value] : state_dict.pairs) {
    if (!key->is(Kind::kText)) damaged("a key of the state_dict is no text");
    if (value->is(Kind::kObject) && value->text == kTensor) {
      const auto& view = tensors_[static_cast<size_t>(value->integer)];
      MEZZO_CHECK(!all.contains(key->text), name_, ": holds ", mezzotint::quoted(key->text),
                  " twice");
      all.set(key->text, materialise(view, bytes, key->text));
    } else {
      others.push_back(mezzotint::quoted(key->text));
    }
  }
  if (all.empty() && !others.empty())
    fail(name_, ": holds no tensors but ", joined(others).substr(0, 200),
         "; save the state_dict alone");
  return all;
}

Weights read_zip(const FileBytes& file, const std::string& name) {
  const ZipArchive archive(file, name);
  std::string folder;
  for (const std::string& entry : archive.names())
    if (entry.ends_with("/data.pkl")) folder = entry.substr(0, entry.size() - 8);
  MEZZO_CHECK(!folder.empty(), name, ": a zip archive, but not one of torch.save (no data.pkl)");
  if (archive.contains(folder + "byteorder")) {
    const FileBytes order = archive.read(folder + "byteorder");
    MEZZO_CHECK(std::string_view(order.data, order.size) == "little", name,
                ": was written on a big-endian machine");
  }
  const FileBytes pickle = archive.read(folder + "data.pkl");
  StateDictReader reader(name);
  Unpickler unpickler = reader.unpickler({pickle.data, pickle.size});
  const PickleValue& root = unpickler.load();
  std::map<std::string, FileBytes> bytes;
  for (const Storage& storage : reader.storages())
    if (!bytes.contains(storage.key))
      bytes[storage.key] = archive.read(folder + "data/" + storage.key);
  return reader.weights(root, bytes);
}

/// The number that begins the old form: 0x1950a86a20f9469cfc6c.
constexpr std::string_view kLegacyMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);

Weights read_legacy(const FileBytes& file, const std::string& name) {
  StateDictReader reader(name);
  Unpickler unpickler = reader.unpickler({file.data, file.size});
  const PickleValue& magic = unpickler.load();
  MEZZO_CHECK(magic.is(Kind::kBigInt) && magic.text == kLegacyMagic, name,
              ": is no file of torch.save");
  MEZZO_CHECK(unpickler.load().integer == 1001, name, ": has an unknown version of torch's format");
  const PickleValue* little = unpickler.load().find("little_endian");
  MEZZO_CHECK(little && little->integer == 1, name, ": was written on a big-endian machine");
  const PickleValue& root = unpickler.load();
  const PickleValue& keys = unpickler.load();
  std::map<std::string, int64_t> element_sizes;
  for (const Storage& storage : reader.storages())
    element_sizes[storage.key] = element_type_info(storage.type).size;

  std::map<std::string, FileBytes> bytes;
  size_t at = unpickler.position();
  for (const PickleValue* key : keys.items) {
    const auto size = element_sizes.find(key->text);
    MEZZO_CHECK(size != element_sizes.end(), name, ": lists a storage that no tensor uses");
    MEZZO_CHECK(file.size - at >= 8, name, ": is cut short");
    uint64_t count = 0;
    std::copy_n(file.data + at, sizeof count, reinterpret_cast<char*>(&count));
    at += sizeof count;
    MEZZO_CHECK(count <= (file.size - at) / static_cast<uint64_t>(size->second), name,
                ": is cut short, or a storage's size is wrong");
    const size_t length = count * static_cast<uint64_t>(size->second);
    bytes[key->text] = {file.data + at, length, file.owner};
    at += length;
  }
  for (const Storage& storage : reader.storages())
    MEZZO_CHECK(bytes.contains(storage.key), name, ": the storage ", mezzotint::quoted(storage.key),
                " is missing");
  return reader.weights(root, bytes);
}

}  // namespace

Weights read_torch_file(const std::filesystem::path& path) {
  const auto mapped = std::make_shared<MappedFile>(path);
  refuse_lfs_pointer(mapped->bytes().substr(0, 1024), path);
  const FileBytes file{mapped->data(), mapped->size(), mapped};
  const std::string name = path.string();
  if (mapped->bytes().starts_with("PK")) return read_zip(file, name);
  if (mapped->bytes().starts_with("\x80")) return read_legacy(file, name);
  fail(name, ": is no file of torch.save (neither a zip archive nor a pickle)");
}

}  // namespace mezzotint
