#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>

#include "mezzotint/base/cancel.h"
#include "mezzotint/base/random.h"
#include "mezzotint/base/weights.h"
#include "mezzotint/training/position.h"
#include "mezzotint/training/record.h"
#include "mezzotint/training/slices.h"

namespace mezzotint {

/// A micro-batch, drawn and ready: its losses can be asked for.
struct MicroBatch {
  int64_t pictures = 0;
  int64_t slices = 1;  ///< into how many it is cut (slices.h); 1: computed as a whole
  SliceLosses losses;  ///< of the pictures [first, first + count), differentiable
  /// Takes note of how it went, once all losses have been computed. May be empty.
  std::function<void()> observe;
  /// What to say when a loss isn't finite, or none but a gradient: ", in down_blocks.0, at the
  /// timesteps 17, 903". May be empty.
  std::function<std::string(const Tensor& losses_b)> circumstances;
};

/// A moment at which a run shows what its network can do.
struct Showing {
  using Log = std::function<void(const std::string& name, const decltype(Record::value)& value)>;
  Position at;
  bool finished = false;
  /// The parameters are the raw ones; the average's turn comes next. Names of files say so, those
  /// of records get "_raw" behind them by themselves.
  bool raw = false;
  CancelToken cancel;
  Log log;
};

/// What a run trains: a network, the data it learns from, and its loss. The loop, the optimizer,
/// averages, checkpoints and records are the same for all (trainer.h).
class Learner {
 public:
  using Log = Showing::Log;

  virtual ~Learner() = default;
  /// The parameters under the keys of a checkpoint; those that learn require a gradient.
  virtual const Weights& parameters() const = 0;
  /// The random streams that micro_batch() draws from, by name: a checkpoint keeps where they
  /// stand. What follows from epoch and index alone needs none.
  virtual std::map<std::string, RandomStream> streams() const = 0;
  /// Tensors besides the parameters that the future depends on: a checkpoint copies them out and
  /// in, in place.
  virtual Weights state() const { return {}; }
  virtual int64_t micro_batches_per_epoch() const = 0;
  /// Micro-batch `index` of an epoch: always the same, but for the streams and the state.
  virtual MicroBatch micro_batch(int64_t epoch, int64_t index) = 0;
  virtual void set_training(bool on) = 0;
  /// Whether show() of these weights has been called at this update, before an interruption
  /// perhaps.
  virtual bool has_shown(const Position& at, bool raw) const = 0;
  /// Logs what is worth seeing of the network as it is now: samples, scores. Called outside of
  /// training. @throws Error (kCancelled) when stopped.
  virtual void show(const Showing& showing) = 0;
  /// Logs what was gathered since the last call. Called every log_every updates.
  virtual void report(const Log& log) { static_cast<void>(log); }
  /// Logs what the network as it is now loses on pictures that it doesn't learn from. Called
  /// outside of training, for the raw weights and for the average. @throws Error (kCancelled).
  virtual void validate(const CancelToken& cancel, const Log& log) {
    static_cast<void>(cancel), static_cast<void>(log);
  }
};

}  // namespace mezzotint
