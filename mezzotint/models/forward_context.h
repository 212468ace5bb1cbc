#pragma once

#include <memory>
#include <optional>

#include "mezzotint/base/random.h"

namespace mezzotint {

/// What every block of one forward pass gets besides the picture.
struct ForwardContext {
  Tensor activated_temb_be;             ///< act_fn(time and class embedding): [B, temb_channels]
  std::optional<RandomStream> dropout;  ///< set while training: where dropout draws from
  bool checkpointing = false;           ///< gradient_checkpointing.h
  std::shared_ptr<const void> network;  ///< whose blocks run: for who runs them again
};

}  // namespace mezzotint
