#include "apps/cli/sweep_ranking.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"

namespace mezzotint::cli {
namespace {

using Names = std::span<const std::string_view>;

/// Settings, and sections of them, that change what the loss in training measures, or how much it
/// is smoothed; with an average it isn't the loss of the weights that are saved.
constexpr std::string_view kOfTraining[] = {
    "batch_size", "timestep_sampler", "min_timestep",       "max_timestep",  "logit_mean",
    "logit_std",  "noise_offset",     "input_perturbation", "snr_gamma",     "label_dropout",
    "ema",        "ema_decay",        "model.dropout",      "augmentation.", "contrastive."};
/// What changes the pictures, or what is asked of the network about them: in validation too.
constexpr std::string_view kOfPictures[] = {"transform.", "scheduler."};
/// What decides which pictures are held out, and their noise.
constexpr std::string_view kOfValidation[] = {"seed"};

bool is_among(const std::string& name, Names names) {
  return std::ranges::any_of(names, [&](std::string_view known) {
    return known.ends_with('.') ? name.starts_with(known) : name == known;
  });
}

bool is_done(const SweepRow& row) { return row.status == "done" && row.entry.loss; }

/// The axes that are among the names and that finished runs differ by.
std::vector<std::string> differing_axes(const SweepResult& result, Names names) {
  std::vector<std::string> found;
  for (size_t i = 0; i < result.axes.size(); ++i) {
    const SweepRow* first = nullptr;
    bool differ = false;
    for (const SweepRow& row : result.rows) {
      if (!is_done(row)) continue;
      if (!first) first = &row;
      differ = differ || row.point.values[i] != first->point.values[i];
    }
    if (differ && is_among(result.axes[i].name, names)) found.push_back(result.axes[i].name);
  }
  return found;
}

std::string doubt_about(const SweepResult& result, const SweepRanking& ranking) {
  const bool validated = ranking.field == "validation_loss";
  const std::vector<std::string> of_pictures = differing_axes(result, kOfPictures);
  std::vector<std::string> names =
      differing_axes(result, validated ? Names(kOfValidation) : Names(kOfTraining));
  names.insert(names.end(), of_pictures.begin(), of_pictures.end());
  if (names.empty()) return "";
  const bool could_validate =
      !validated && of_pictures.empty() && ranking.best->entry.recipe == "diffusion";
  return concat(validated ? "validation" : "training", " losses of runs that differ by ",
                joined(names), " don't compare; ",
                could_validate ? "in a new sweep, --validation-count 32 gives losses that do"
                               : "look at what the runs make, in sweep.html");
}

}  // namespace

SweepRanking ranked(const SweepResult& result) {
  const bool validated = std::ranges::all_of(
      result.rows, [](const SweepRow& row) { return !is_done(row) || row.entry.validation_loss; });
  const auto loss = [&](const SweepRow& row) {
    return validated ? *row.entry.validation_loss : *row.entry.loss;
  };
  SweepRanking ranking;
  for (const SweepRow& row : result.rows)
    if (is_done(row) && (!ranking.best || loss(row) < loss(*ranking.best))) ranking.best = &row;
  if (!ranking.best) return ranking;
  ranking.field = validated ? "validation_loss" : "loss";
  ranking.doubt = doubt_about(result, ranking);
  return ranking;
}

std::vector<std::string> ranking_in_words(const SweepRanking& ranking) {
  if (!ranking.best) return {};
  std::vector<std::string> lines = {
      concat("lowest ",
             ranking.field == "validation_loss" ? "validation loss: " : "smoothed training loss: ",
             ranking.best->point.name)};
  if (!ranking.doubt.empty()) lines.push_back(ranking.doubt);
  return lines;
}

}  // namespace mezzotint::cli
