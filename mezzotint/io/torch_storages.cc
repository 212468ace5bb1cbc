#include "mezzotint/io/torch_storages.h"

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/io/mapped_file.h"
#include "mezzotint/io/utf8.h"
#include "mezzotint/io/zip_archive.h"

namespace mezzotint {
namespace {

/// torch/serialization.py MAGIC_NUMBER 0x1950a86a20f9469cfc6c, little-endian.
constexpr std::string_view kMagicNumber = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr int64_t kProtocolVersion = 1001;

int64_t byte_count(const PickleStorage& storage) { return storage.count * storage.element_size(); }

/// "archive/": the folder that holds everything.
std::string archive_folder(const ZipArchive& archive, const std::string& where) {
  constexpr std::string_view kProgram = "/data.pkl";
  for (const auto& [name, entry] : archive.entries())
    if (name.ends_with(kProgram) && name.find('/') == name.size() - kProgram.size())
      return name.substr(0, name.size() - kProgram.size() + 1);
  fail(where, ": a zip file without data.pkl; wanted one that torch.save wrote");
}

TorchFile open_zip(const std::shared_ptr<MappedFile>& file, const std::string& where) {
  const ZipArchive archive(file, where);
  const std::string folder = archive_folder(archive, where);
  if (archive.contains(folder + "byteorder") &&
      archive.read(folder + "byteorder").view() != "little")
    fail(where, ": big-endian; wanted a file written on a little-endian machine");
  TorchFile result;
  result.program = archive.read(folder + "data.pkl");
  ByteReader reader(result.program.view(), where + ": data.pkl");
  result.pickle = read_torch_pickle(reader);
  for (const auto& [key, storage] : result.pickle.storages) {
    const FileBytes bytes = archive.read(concat(folder, "data/", key));
    if (bytes.size != static_cast<uint64_t>(byte_count(storage)))
      fail(where, ": the storage ", in_quotes(key), " has ", counted(bytes.size, "byte"),
           ", wanted ", byte_count(storage));
    result.storages.emplace(key, bytes);
  }
  return result;
}

/// The value that a short pickle is.
template <class T>
T read_plain(ByteReader& reader, const char* wanted) {
  const TorchPickle pickle = read_torch_pickle(reader);
  const T* const value = pickle.root->as<T>();
  if (value == nullptr) reader.fail_here("got ", in_words(*pickle.root), ", wanted ", wanted);
  return *value;
}

void check_legacy_head(ByteReader& reader) {
  if (read_plain<PickleBytes>(reader, "the magic number of torch.save").bytes != kMagicNumber)
    reader.fail_here("a pickle without the magic number of torch.save");
  if (const auto version = read_plain<int64_t>(reader, "the protocol version");
      version != kProtocolVersion)
    reader.fail_here("protocol version ", version, ", wanted ", kProtocolVersion);
  const TorchPickle system = read_torch_pickle(reader);
  const auto* dict = system.root->as<PickleDict>();
  if (dict == nullptr) reader.fail_here("got ", in_words(*system.root), ", wanted a dict");
  for (const auto& [key, value] : dict->items) {
    const auto* name = key->as<PickleText>();
    const auto* flag = value->as<bool>();
    if (name != nullptr && name->text == "little_endian" && flag != nullptr && !*flag)
      reader.fail_here("big-endian; wanted a file written on a little-endian machine");
  }
}

void read_legacy_storages(ByteReader& reader, const std::shared_ptr<MappedFile>& file,
                          TorchFile& result) {
  const TorchPickle keys = read_torch_pickle(reader);
  const auto* list = keys.root->as<PickleSequence>();
  if (list == nullptr) reader.fail_here("got ", in_words(*keys.root), ", wanted the list of keys");
  for (const PickleValue* item : list->items) {
    const auto* key = item->as<PickleText>();
    if (key == nullptr) reader.fail_here("got ", in_words(*item), ", wanted a storage's key");
    const auto found = result.pickle.storages.find(std::string(key->text));
    if (found == result.pickle.storages.end())
      reader.fail_here("the storage ", in_quotes(key->text), " belongs to no tensor");
    if (const auto count = reader.number<int64_t>(); count != found->second.count)
      reader.fail_here("the storage ", in_quotes(key->text), " has ", counted(count, "element"),
                       ", but ", found->second.count, " are wanted");
    const size_t begin = reader.position();
    const std::string_view bytes = reader.take(static_cast<uint64_t>(byte_count(found->second)));
    result.storages[found->first] = {file->data() + begin, bytes.size(), file};
  }
  for (const auto& [key, storage] : result.pickle.storages)
    if (!result.storages.contains(key))
      reader.fail_here("the storage ", in_quotes(key), " is missing");
}

TorchFile open_legacy(const std::shared_ptr<MappedFile>& file, const std::string& where) {
  constexpr size_t kTarMagic = 257;
  if (file->size() > kTarMagic && file->bytes().substr(kTarMagic).starts_with("ustar"))
    fail(where, ": a tar file, as torch wrote before 0.1.10; load and save it with a newer torch");
  // Protocol 2 and later begin with 0x80; of protocol 0, what names a function is refused by name.
  if (file->bytes().find_first_of("\x80"
                                  "c(") != 0)
    fail(where, ": no file of torch.save: neither a zip archive nor a pickle");
  ByteReader reader(file->bytes(), where + ": pickle");
  check_legacy_head(reader);
  TorchFile result;
  result.program = {file->data(), file->size(), file};
  result.pickle = read_torch_pickle(reader);
  read_legacy_storages(reader, file, result);
  return result;
}

}  // namespace

TorchFile open_torch_file(const std::shared_ptr<MappedFile>& file, const std::string& where) {
  return file->bytes().starts_with("PK") ? open_zip(file, where) : open_legacy(file, where);
}

}  // namespace mezzotint
