#include "mezzotint/pipelines/clip_preprocessing.h"

#include <algorithm>
#include <cmath>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

/// One number for each channel: `key` of the object, if it is there.
void read_channels(const json& object, const std::string& key, const std::string& where,
                   std::vector<double>& values) {
  if (object.contains(key) && !object.at(key).is_null())
    value_from_json(values, object.at(key), where + ": " + key);
}

void check(const std::string& where, const Clip& clip) {
  const auto channels = static_cast<size_t>(clip.model->image_channels());
  const auto& [mean, std, size] = clip.preprocessing;
  MEZZO_CHECK(mean.size() == channels && std.size() == channels, where, ": got ", mean.size(),
              " means and ", std.size(), " deviations, wanted ", channels,
              ", one for each channel of the model");
  MEZZO_CHECK(std::ranges::all_of(std, [](double s) { return s > 0 && std::isfinite(s); }), where,
              ": wanted deviations above 0");
}

/// "crop_size": a number or {"height": ..., "width": ...}.
int64_t crop_size(const json& object) {
  json size = object.value("crop_size", json());
  if (size.is_object()) size = size.value("height", json());
  return size.is_number_integer() ? size.get<int64_t>() : 0;
}

}  // namespace

void take_openai_preprocessing(Clip& clip) {
  clip.preprocessing.size = clip.model->image_size();
  check(clip.path.string() + ": no preprocessing is given; OpenAI's is for three channels", clip);
}

void read_preprocessor_config(const fs::path& folder, Clip& clip) {
  fs::path file = folder / "preprocessor_config.json";
  if (!fs::exists(file)) file = folder / "processor_config.json";
  if (!fs::exists(file)) {
    clip.warnings.push_back(folder.string() +
                            ": has no preprocessor_config.json; taking OpenAI's mean and std");
    return take_openai_preprocessing(clip);
  }
  json object = read_json(file);
  if (object.is_object() && object.contains("image_processor")) object = object["image_processor"];
  MEZZO_CHECK(object.is_object(), file.string(), ": wanted an object");
  auto& [mean, std, size] = clip.preprocessing;
  size = clip.model->image_size();
  read_channels(object, "image_mean", file.string(), mean);
  read_channels(object, "image_std", file.string(), std);
  if (object.value("do_normalize", json(true)) == false) {
    std::ranges::fill(mean, 0.0);
    std::ranges::fill(std, 1.0);
  }
  check(file.string(), clip);
  if (const int64_t crop = crop_size(object); crop != 0 && crop != size)
    clip.warnings.push_back(concat(file.string(), ": crops to ", crop, " pixels, but the model ",
                                   "takes ", size, "; taking ", size));
}

void read_open_clip_preprocessing(const json& preprocess_cfg, const std::string& where,
                                  Clip& clip) {
  if (preprocess_cfg.is_null()) return take_openai_preprocessing(clip);
  MEZZO_CHECK(preprocess_cfg.is_object(), where, ": preprocess_cfg: got ",
              preprocess_cfg.dump().substr(0, 80), ", wanted an object");
  clip.preprocessing.size = clip.model->image_size();
  read_channels(preprocess_cfg, "mean", where + ": preprocess_cfg", clip.preprocessing.mean);
  read_channels(preprocess_cfg, "std", where + ": preprocess_cfg", clip.preprocessing.std);
  check(where, clip);
}

}  // namespace mezzotint
