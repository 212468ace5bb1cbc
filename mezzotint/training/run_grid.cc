#include "mezzotint/training/run_grid.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

#include "mezzotint/base/field_text.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/inflate.h"
#include "mezzotint/models/clip_config.h"
#include "mezzotint/models/picture_classifier.h"
#include "mezzotint/models/unet_2d_config.h"
#include "mezzotint/schedulers/ddpm.h"
#include "mezzotint/training/run_config.h"
#include "mezzotint/training/run_settings.h"

namespace mezzotint {
namespace {

constexpr size_t kLongestName = 160;  // bytes; file systems take 255

/// A value as its field reads it. Of a list in brackets the words need no quotes:
/// [conv_in.*,*.bias].
template <class V>
nlohmann::json value_of(const std::string& text) {
  nlohmann::json value = json_from_text<V>(text);
  if (IsVector<V>::value && value.is_string() && text.ends_with(']'))
    value = json_from_text<V>(text.substr(1, text.size() - 2));
  const bool whole = value.is_number_float() && std::abs(value.get<double>()) < 1e15 &&
                     std::trunc(value.get<double>()) == value.get<double>();
  return whole ? nlohmann::json(value.get<int64_t>()) : value;  // 8.0 and 8 are one setting
}

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
      if (full == wanted) value = value_of<V>(text);
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
  reader.section("lora", config.lora);
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
  validate(checked.lora);
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

/// Eight digits that tell texts apart.
std::string checksum(const std::string& text) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(crc32_of(text)));
  return digits;
}

/// A value as a file system and a shell take it without quotes: lists with dashes between. Where
/// another value would look the same a checksum stands behind it.
std::string plain_word(const nlohmann::json& value) {
  const std::string text = setting_text(value);
  std::string word = text;
  for (char& c : word) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '+' || c == '-' || c == '_';
    if (!plain) c = c == ',' ? '-' : '_';
  }
  std::string read_back = word;
  if (value.is_array()) std::ranges::replace(read_back, '-', ',');
  return read_back == text ? word : concat(word, "-", checksum(value.dump()));
}

/// "lr=1e-05,batch_size=8". It follows from the settings alone, not from what else is in the grid,
/// so that a sweep that goes on with another grid finds its runs.
std::string point_name(const std::vector<GridAxis>& axes, const GridPoint& point) {
  std::string name;
  for (size_t i = 0; i < axes.size(); ++i)
    name += concat(i ? "," : "", axes[i].name, "=", plain_word(point.values[i]));
  if (name.size() <= kLongestName) return name;
  return concat(name.substr(0, kLongestName), "-", checksum(point.settings.dump()));
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
        longer.push_back(point);
        longer.back().values.push_back(value);
        longer.back().settings[place_of(axis.name)] = value;
      }
    points = std::move(longer);
  }
  for (GridPoint& point : points) point.name = point_name(axes, point);
  return points;
}

}  // namespace mezzotint
