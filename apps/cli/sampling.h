#pragma once

#include <functional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include <nlohmann/json.hpp>

#include "mezzotint/guidance/steered.h"
#include "mezzotint/pipelines/pipeline.h"

#include "apps/cli/sample_plan.h"
#include "apps/cli/sample_request.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// What is there once the model is loaded and the run is planned.
struct SamplingParts {
  const SampleRequest& request;
  const Context& context;
  const Pipeline& pipeline;
  const SamplePlan& plan;
  const Scheduler& scheduler;
  c10::Device device;
  PredictFor predict_for;  ///< the network on a part of the pictures
};

/// What tells the verbs apart that make pictures.
struct Sampling {
  std::string verb;   ///< of the JSON document's schema
  std::string label;  ///< of the progress bar
  /// Makes what the loop asks in each step.
  std::function<Steer(const SamplingParts& parts)> steer;
  nlohmann::json recipe = nlohmann::json::object();  ///< what the verb adds to the recipe
  std::function<std::string()> note;                 ///< said beside the bar; may be empty
  /// After the pictures are written. @return further files written; may be empty.
  std::function<std::vector<std::string>()> finish;
  /// What is said when the pictures come out as NaN or infinity.
  std::string when_not_finite =
      "the pictures hold values that aren't finite: the model's weights or its scheduler's "
      "configuration are broken; see mezzotint info and mezzotint schedule";
};

/// Loads, samples, writes and reports as the request asks.
void run_sampling(const SampleRequest& request, Context& context, const Sampling& sampling);

}  // namespace mezzotint::cli
