#include "mezzotint/training/run_grid.h"

#include <algorithm>
#include <optional>
#include <set>

#include "mezzotint/base/field_text.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/models/clip_config.h"
#include "mezzotint/models/picture_classifier.h"
#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/schedulers/ddpm.h"
#include "mezzotint/training/run_config.h"
#include "mezzotint/training/run_settings.h"

namespace mezzotint {
namespace {

constexpr size_t kLongestName = 200;  // bytes; file systems take 255

/// Visits fields() and those below, collects their names, and reads the one that is wanted.
struct SettingReader {
  const std::string& wanted;
  const std::string& text;
  std::vector<std::string> known = {};
  std::optional<nlohmann::json> value = std::nullopt;
  std::string prefix = "";

  template <class V>
  void operator()(const char* name, V& field, std::string_view = {},
                  std::initializer_list<const char*> = {}) {
    const std::string full = prefix + name;
    if constexpr (HasFields<V>) {
      section(full, field);
    } else {
      known.push_back(full);
      if (full == wanted) value = json_from_text<V>(text);
    }
  }
  template <HasFields T>
  void section(const std::string& name, T& fields) {
    const std::string outer = std::exchange(prefix, name.empty() ? "" : name + ".");
    fields.fields(*this);
    prefix = outer;
  }
};

void read_sections(SettingReader& reader, const std::string& recipe) {
  RunConfig config;
  reader.section("", config.training);
  reader.section("transform", config.transform);
  reader.section("augmentation", config.augmentation);
  reader.section("contrastive", config.contrastive);
  UNet2DConfig unet;
  CLIPConfig clip;
  PictureClassifierConfig classifier;
  if (recipe == "clip")
    reader.section("model", clip);
  else if (recipe == "classifier")
    reader.section("model", classifier);
  else
    reader.section("model", unet);
  DDPMConfig scheduler;
  reader.section("scheduler", scheduler);
}

/// "model.dropout" -> /model/dropout, "lr" -> /training/lr.
nlohmann::json::json_pointer place_of(const std::string& name) {
  nlohmann::json::json_pointer place;
  if (name.find('.') == std::string::npos) place /= std::string("training");
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    place /= name.substr(begin, end - begin);
    begin = end + 1;
  }
  return place;
}

nlohmann::json read_value(const std::string& name, const std::string& text,
                          const std::string& recipe) {
  const std::string where = "--grid " + name;
  if (text.empty()) fail_usage(where, ": got an empty value");
  SettingReader reader{name, text};
  read_sections(reader, recipe);
  if (!reader.value)
    fail_usage("--grid: unknown setting '", name, "'", did_you_mean(name, reader.known),
               "; wanted one of the recipe's, such as lr, or one with its section, such as "
               "transform.height");
  RunConfig checked;  // whose overlay() knows what values there can be
  checked.recipe = recipe;
  nlohmann::json values;
  values[place_of(name)] = *reader.value;
  overlay(checked, values, "--grid");
  if (name.find('.') == std::string::npos) validate(checked.training);
  return *reader.value;
}

/// At commas outside of brackets.
std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : c == ']' ? -1 : 0;
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// What a file system and a shell take without quotes.
std::string plain_word(std::string text) {
  std::erase_if(text, [](char c) { return c == '[' || c == ']' || c == '"'; });
  for (char& c : text) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '+' || c == '-' || c == '_';
    if (!plain) c = c == ',' ? '-' : '_';
  }
  return text;
}

}  // namespace

GridAxis parse_grid_axis(const std::string& text, const std::string& recipe) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    fail_usage("--grid: got '", text, "', wanted NAME=VALUE,VALUE..., such as lr=1e-5,1e-4");
  GridAxis axis{text.substr(0, equals), {}};
  std::ranges::replace(axis.name, '-', '_');
  if (axis.name.starts_with("training.")) axis.name.erase(0, 9);
  for (const std::string& word : split_values(text.substr(equals + 1))) {
    nlohmann::json value = read_value(axis.name, word, recipe);
    if (std::ranges::find(axis.values, value) != axis.values.end())
      fail_usage("--grid ", axis.name, ": ", word, " is there twice");
    axis.values.push_back(std::move(value));
  }
  return axis;
}

std::vector<GridPoint> grid_points(const std::vector<GridAxis>& axes) {
  std::vector<GridPoint> points(1);
  std::set<std::string> names;
  for (const GridAxis& axis : axes) {
    if (!names.insert(axis.name).second)
      fail_usage("--grid ", axis.name, ": is given twice; write its values behind one another");
    if (points.size() * axis.values.size() > kMostGridRuns)
      fail_usage("--grid: is of more than ", kMostGridRuns,
                 " runs; leave out values, or make several sweeps of it");
    std::vector<GridPoint> longer;
    for (const GridPoint& point : points)
      for (const nlohmann::json& value : axis.values) {
        GridPoint next = point;
        next.name +=
            concat(next.name.empty() ? "" : ",", axis.name, "=", plain_word(setting_text(value)));
        next.values.push_back(value);
        next.settings[place_of(axis.name)] = value;
        longer.push_back(std::move(next));
      }
    points = std::move(longer);
  }
  std::set<std::string> folders;
  bool fit = true;
  for (const GridPoint& point : points)
    fit = folders.insert(point.name).second && point.name.size() <= kLongestName && fit;
  for (size_t i = 0; !fit && i < points.size(); ++i) points[i].name = concat("run-", i + 1);
  return points;
}

}  // namespace mezzotint
