#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"
#include "mezzotint/models/lora_adapter.h"

namespace mezzotint {

/// How a new parameter starts, as torch's layers start theirs.
enum class Init {
  kZeros,
  kOnes,
  kNormal,   ///< N(0, 1): nn.Embedding
  kUniform,  ///< U(-1/sqrt(fan_in), 1/sqrt(fan_in)): weights and biases of nn.Conv2d and nn.Linear
  kFourier,  ///< N(0, 16^2), drawn twice and the second taken: diffusers' GaussianFourierProjection
  kScaledNormal,  ///< N(0, std^2): what transformers gives weights of every kind
  kConstant,
};

/// Where a model's constructor gets its parameters: from a checkpoint, freshly initialised, or as
/// shapes only. A `Params` is a scope ("down_blocks.0.resnets.1"); `params / "conv1"` is the scope
/// below it. Keys are the checkpoint's keys.
///
/// Two orders matter. Parameters are *drawn* in the order of the calls of get(), which is the order
/// in which diffusers' constructors make them, so that one seed gives the same weights. They are
/// *listed* by taken() in the order of a state_dict: a depth-first walk over the scopes, each in
/// the order in which it was first named. A constructor that makes children in another order than
/// it registers them names the scopes first.
class Params {
 public:
  /// Copies every tensor out of `checkpoint` (as float32). Missing or misshapen ones are collected
  /// for finish(), not thrown.
  /// @param adapter what change() hands out.
  static Params from_checkpoint(const Weights& checkpoint, const LoraAdapter& adapter = {});
  /// Draws every tensor from `stream`, as torch draws it.
  static Params initialised(RandomStream stream);
  /// Hands out tensors without storage (device meta): sizes and counts at no cost.
  static Params shapes_only();

  Params operator/(const std::string& name) const;
  Params operator/(size_t index) const { return *this / std::to_string(index); }

  /// The parameter `scope.name` with this shape. It is contiguous, as in a checkpoint: what
  /// the convolution kernels read. `number` is the fan_in of kUniform, the std of kScaledNormal and
  /// the value of kConstant; the others don't read it.
  Tensor get(const std::string& name, IntArrayRef shape, Init init, double number = 0) const;

  /// How an adapter changes the weight of this scope's layer; undefined where it doesn't.
  ops::LowRank change() const;

  /// All parameters handed out so far, in the order of a state_dict.
  Weights taken() const;
  /// Those of this scope and below, and what the adapter has for them.
  std::vector<Tensor> taken_here() const;
  /// @throws Error listing missing, misshapen and unused keys (the first of each and their number)
  /// of the checkpoint; `what` says whose they are.
  void finish(const std::string& what) const;

  /// The scope's key, "" at the root: for messages.
  const std::string& scope() const { return scope_; }

 private:
  struct Node;
  struct State;
  Params(std::shared_ptr<State> state, Node* node, std::string scope)
      : state_(std::move(state)), node_(node), scope_(std::move(scope)) {}
  std::shared_ptr<State> state_;
  Node* node_;
  std::string scope_;
};

}  // namespace mezzotint
