#include "mezzotint/training/weights_copy.h"

#include <ATen/core/grad_mode.h>

namespace mezzotint {

void copy_weights(const Weights& from, const Weights& to, const std::string& what) {
  const at::NoGradGuard no_grad;
  for (const auto& [key, tensor] : to) {
    const Tensor source = from.find(key);
    MEZZO_CHECK(source.defined(), what, ": no tensor '", key, "' in the checkpoint");
    MEZZO_CHECK(source.sizes() == tensor.sizes(), what, ": '", key, "' is ", source.sizes(),
                " in the checkpoint, ", tensor.sizes(), " in the model");
    tensor.copy_(source);
  }
}

}  // namespace mezzotint
