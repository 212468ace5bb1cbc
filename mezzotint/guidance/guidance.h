#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mezzotint/base/cancel.h"
#include "mezzotint/guidance/guidance_schedule.h"
#include "mezzotint/guidance/guide_loss.h"
#include "mezzotint/guidance/steered.h"
#include "mezzotint/guidance/step_range.h"

namespace mezzotint {

/// What a loss's strength is measured by.
enum class LossNorm {
  kImage,  ///< each picture goes down its own loss: the result doesn't depend on the batch
  kBatch,  ///< each goes down its share of the batch's mean, as in the course: 1/B as strong
};

/// One loss of a guided run.
struct GuidanceTerm {
  std::string name;  ///< for messages and traces
  GuideLoss loss;
  double scale = 1;  ///< what the loss is multiplied with
  LossNorm norm = LossNorm::kImage;
  GuidanceSchedule schedule;
  StepRange steps;  ///< outside of them the term is absent
};

/// Which way the gradient goes from the predicted clean picture to the sample.
enum class GuidanceMethod {
  kSample,  ///< 1: the network's output is held fixed; no backward pass through the network
  kModel,   ///< 2: through the network; weaker, and closer to pictures that the network knows
};

/// A method for some steps. Steps that no entry has go unguided; the first entry that has one wins.
struct MethodRange {
  GuidanceMethod method = GuidanceMethod::kSample;
  StepRange steps;
};

/// "1", "2" or a list such as "2:0..9,1:10..", steps counted from 0. @throws Error (kUsage) that
/// names `where`.
std::vector<MethodRange> parse_methods(const std::string& text, const std::string& where);

/// How a run is steered. In each step x moves by minus the gradient of the sum of the terms, each
/// loss times its scale and its schedule's factor; the scheduler then steps from the moved x with
/// the output that the network had for the unmoved one.
struct Guidance {
  std::vector<GuidanceTerm> terms;
  std::vector<MethodRange> methods = {MethodRange{}};
  /// A picture's move in one step is made smaller until its root mean square is at most this; 0:
  /// never. The sample's noise has a root mean square of 1 at first.
  double max_rms = 0;
  /// A picture's move in one step is brought to this root mean square, times the largest factor of
  /// the terms' schedules; 0: left as it is. Scales then only weigh the terms against each other.
  double rms = 0;
};

/// What happened in one step.
struct GuidedStep {
  size_t index = 0;  ///< 0, 1, ... of `total`
  size_t total = 0;
  double timestep = 0;
  GuidanceMethod method = GuidanceMethod::kSample;
  struct Term {
    std::string name;
    double weight = 0;  ///< scale times the schedule's factor
    Tensor loss_b;      ///< before the weight, the mean of the repeats; [B]
  };
  std::vector<Term> terms;  ///< those that took part; none in a step that went unguided
  Tensor rms_b;             ///< root mean square of each picture's move, [B]
  Tensor clamped_b;  ///< share of x0's values that were clamped, where no gradient flows; [B]
};

struct GuidedOptions {
  PredictFor predict_for;
  int64_t chunk = 16;  ///< pictures in one network call; the result doesn't depend on it
  CancelToken cancel;
  std::function<void(const GuidedStep&)> on_step;  ///< may be empty
};

/// The callable that sample() takes. @param scheduler outlives the result.
/// The result throws Error where a loss gives no number for each picture, doesn't depend on the
/// picture, or isn't finite, naming the term, step and timestep; and where method 1 can have no
/// effect, because the network predicts x0 itself.
Steer guided(const Scheduler& scheduler, Guidance guidance, GuidedOptions options);

}  // namespace mezzotint
