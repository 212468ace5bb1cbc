#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// A setting and the values that it takes in turn.
struct GridAxis {
  std::string name;  ///< as in run_settings.h: "lr", "transform.height"
  std::vector<nlohmann::json> values;
};

/// One run of a grid.
struct GridPoint {
  std::string name;                    ///< "lr=1e-05,batch_size=8": fit for a folder; no two alike
  std::vector<nlohmann::json> values;  ///< one for each axis
  nlohmann::json settings;             ///< the same, for overlay()
};

constexpr size_t kMostGridRuns = 200;

/// Reads "lr=1e-5,1e-4": a field of TrainConfig, or a field of the sections transform, lora,
/// augmentation, contrastive, model and scheduler with the section before it ("lora.rank"). A list
/// as a value stands in brackets: "model.block_out_channels=[32,64],[64,128]".
/// @param recipe decides what fields the model has.
/// @throws Error (kUsage) for an unknown name (with the nearest known one), a wrong value, or one
/// that is there twice.
GridAxis parse_grid_axis(const std::string& text, const std::string& recipe);

/// Every combination, the last axis changing fastest.
/// @throws Error (kUsage) when an axis is given twice, or there are more than kMostGridRuns.
std::vector<GridPoint> grid_points(const std::vector<GridAxis>& axes);

}  // namespace mezzotint
