#include "mezzotint/pipelines/weights_hash.h"

#include "mezzotint/io/sha256.h"

namespace mezzotint {

std::string weights_sha256(const Weights& weights) {
  std::string list;
  for (const auto& [key, tensor] : weights) {
    const Tensor values = tensor.detach().cpu().contiguous();
    list += sha256({static_cast<const char*>(values.const_data_ptr()), values.nbytes()}) + "  " +
            key + "\n";
  }
  return sha256(list);
}

}  // namespace mezzotint
