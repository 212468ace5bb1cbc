#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/cli/sample_request.h"

namespace mezzotint::cli {

/// What the options of `guide` ask for besides those of `sample`, as they were typed.
struct GuideRequest {
  SampleRequest sample;
  std::vector<std::string> losses;   ///< as loss_spec.h has them
  std::vector<std::string> colors;   ///< --color X is --loss color:X
  std::vector<std::string> prompts;  ///< --prompt X is --loss clip:X
  std::string method = "1";
  std::string schedule = "none";
  std::string index = "timestep";
  std::string clip = "clip-emoji";
  double grad_clip = 0;
  double grad_rms = 0;
  bool gradient_checkpointing = false;
  std::vector<std::string> traces;

  /// All losses, in the long form.
  std::vector<std::string> all_losses() const;
};

/// Declares them. @param request outlives `app`.
void add_guide_options(CLI::App& app, GuideRequest& request);

/// @throws Error (kUsage) for values that can't be, before anything is loaded.
void check(const GuideRequest& request);

/// The kinds of losses with their options and defaults, as --help shows them.
std::string losses_in_words();

}  // namespace mezzotint::cli
