#pragma once

#include <functional>
#include <string>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// While it lives, what each layer of a network gives in this thread is shown to `watcher`, under
/// the layer's key ("down_blocks.0.resnets.1"), in the order of the forward pass: for finding where
/// numbers go wrong.
class WatchLayers {
 public:
  using Watcher = std::function<void(const std::string& name, const Tensor& output)>;
  explicit WatchLayers(Watcher watcher);
  ~WatchLayers();
  WatchLayers(const WatchLayers&) = delete;
  WatchLayers& operator=(const WatchLayers&) = delete;

 private:
  Watcher watcher_;
  const Watcher* outer_;
};

/// What a layer calls with its output. Costs nothing while nobody watches.
void watch_layer(const std::string& name, const Tensor& output);

}  // namespace mezzotint
