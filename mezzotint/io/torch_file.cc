#include <map>
#include <memory>

#include <ATen/core/Tensor.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/file_tensor.h"
#include "mezzotint/io/git_lfs.h"
#include "mezzotint/io/mapped_file.h"
#include "mezzotint/io/state_dict.h"
#include "mezzotint/io/torch_storages.h"
#include "mezzotint/io/utf8.h"
#include "mezzotint/io/weights_folder.h"

namespace mezzotint {
namespace {

/// Tensors over storages; each storage is one run of memory, whichever tensors share it.
class StorageTensors {
 public:
  StorageTensors(const StorageBytes& bytes, std::string where)
      : bytes_(bytes), where_(std::move(where)) {}

  Tensor view(const PickleTensor& tensor) {
    return whole(tensor.storage, tensor.type)
        .as_strided(tensor.sizes, tensor.strides, tensor.offset);
  }

 private:
  const Tensor& whole(const PickleStorage& storage, ElementType type) {
    Tensor& tensor = wholes_[{storage.key, type}];
    if (tensor.defined()) return tensor;
    FileBytes bytes = bytes_.at(storage.key);
    const int64_t size = element_type_info(type).size;
    const int64_t count = static_cast<int64_t>(bytes.size) / size;
    bytes.size = static_cast<size_t>(count * size);
    tensor =
        tensor_over(bytes, type, {count}, concat(where_, ": storage ", in_quotes(storage.key)));
    return tensor;
  }

  const StorageBytes& bytes_;
  std::string where_;
  std::map<std::pair<std::string, ElementType>, Tensor> wholes_;
};

}  // namespace

Weights read_torch_file(const std::filesystem::path& path) {
  const auto file = std::make_shared<MappedFile>(path);
  refuse_lfs_pointer(file->bytes(), path);
  const TorchFile torch_file = open_torch_file(file, path.string());
  StorageTensors tensors(torch_file.storages, path.string());
  Weights weights;
  for (const auto& [name, tensor] : find_state_dict(torch_file.pickle, path.string()))
    weights.set(name, tensors.view(*tensor));
  return weights;
}

}  // namespace mezzotint
