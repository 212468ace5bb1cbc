#pragma once

#include <string>

#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"

namespace mezzotint {

/// How a new parameter starts, as torch's layers start theirs.
enum class Init {
  kZeros,
  kOnes,
  kNormal,   ///< N(0, 1): nn.Embedding, Gaussian Fourier features
  kUniform,  ///< U(-1/sqrt(fan_in), 1/sqrt(fan_in)): weights and biases of nn.Conv2d and nn.Linear
};

/// Where a model's constructor gets its parameters: either from a checkpoint or freshly initialised. A `Params` is a
/// scope ("down_blocks.0.resnets.1"); `params / "conv1"` is the scope below it. Keys are the checkpoint's keys, and they
/// are asked for in the order in which diffusers' constructors make them, so that one seed gives the same weights.
class Params {
 public:
  /// Takes every tensor from `checkpoint` (cast to float32). Missing or misshapen ones are collected, not thrown.
  static Params from_checkpoint(const Weights& checkpoint);
  /// Draws every tensor from `stream`, as torch draws it.
  static Params initialised(RandomStream stream);

  Params operator/(const std::string& name) const;
  Params operator/(size_t index) const { return *this / std::to_string(index); }

  /// The parameter `scope.name` with this shape. `fan_in` is read by kUniform only.
  Tensor get(const std::string& name, IntArrayRef shape, Init init, int64_t fan_in = 0) const;

  /// All parameters handed out so far, in the order of the calls.
  const Weights& taken() const;
  /// @throws Error listing missing, misshapen and unused keys (the first of each and their number) of the checkpoint.
  void finish(const std::string& what) const;

 private:
  struct State;
  Params(std::shared_ptr<State> state, std::string scope) : state_(std::move(state)), scope_(std::move(scope)) {}
  std::shared_ptr<State> state_;
  std::string scope_;
};

}  // namespace mezzotint
