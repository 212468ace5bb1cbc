#pragma once

#include <string>
#include <vector>

#include "apps/cli/sweep_result.h"

namespace mezzotint::cli {

/// Which run did best, and by what.
struct SweepRanking {
  const SweepRow* best = nullptr;  ///< null when none is done
  /// What it has the lowest of, RunEntry's name: "validation_loss" where all finished runs have
  /// one, else "loss", the smoothed loss in training.
  std::string field;
  /// Why that number may not tell which run is best, one line; "" where it does.
  std::string doubt;
};

SweepRanking ranked(const SweepResult& result);

/// "lowest validation loss: lr=1e-05", and the doubt, a line each; nothing when none is done.
std::vector<std::string> ranking_in_words(const SweepRanking& ranking);

}  // namespace mezzotint::cli
