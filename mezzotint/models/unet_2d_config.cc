#include "mezzotint/models/unet_2d_config.h"

#include <algorithm>
#include <cmath>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/models/legacy_keys.h"

namespace mezzotint {
namespace {

constexpr const char* kWhere = "UNet2DModel config";

void check_range(const char* field, int64_t value, int64_t least, int64_t most) {
  MEZZO_CHECK(value >= least && value <= most, kWhere, ": ", field, ": got ", value, ", wanted ",
              least, " to ", most);
}

void check_range(const char* field, const std::optional<int64_t>& value, int64_t most) {
  if (value) check_range(field, *value, 1, most);
}

bool is_skip(const std::string& block_type) { return block_type.find("Skip") != std::string::npos; }

// Bounds far above any real model: a damaged file must not make the constructor run for hours.
constexpr int64_t kMostChannels = 1 << 16;
constexpr int64_t kMostLayers = 64;
constexpr int64_t kMostBlocks = 16;
constexpr int64_t kMostRows = 1 << 24;

void check_sizes(const UNet2DConfig& c) {
  check_range("in_channels", c.in_channels, 1, kMostChannels);
  check_range("out_channels", c.out_channels, 1, kMostChannels);
  check_range("layers_per_block", c.layers_per_block, 1, kMostLayers);
  check_range("number of block_out_channels", static_cast<int64_t>(c.block_out_channels.size()), 1,
              kMostBlocks);
  for (const int64_t channels : c.block_out_channels)
    check_range("block_out_channels", channels, 1, kMostChannels);
  if (c.time_embedding_dim.value_or(0) != 0)
    check_range("time_embedding_dim", c.time_embedding_dim, kMostRows);
  check_range("attention_head_dim", c.attention_head_dim, kMostChannels);
  check_range("norm_num_groups", c.norm_num_groups, kMostChannels);
  check_range("attn_norm_num_groups", c.attn_norm_num_groups, kMostChannels);
  check_range("num_class_embeds", c.num_class_embeds, kMostRows);
  check_range("num_train_timesteps", c.num_train_timesteps, kMostRows);
}

void check_numbers(const UNet2DConfig& c) {
  MEZZO_CHECK(c.dropout >= 0 && c.dropout < 1, kWhere, ": dropout: got ", c.dropout,
              ", wanted 0 to below 1");
  MEZZO_CHECK(c.norm_eps > 0 && std::isfinite(c.norm_eps), kWhere, ": norm_eps: got ", c.norm_eps,
              ", wanted a small number above 0");
  MEZZO_CHECK(c.mid_block_scale_factor != 0 && std::isfinite(c.mid_block_scale_factor), kWhere,
              ": mid_block_scale_factor: got ", c.mid_block_scale_factor,
              ", wanted a number other than 0");
  const int64_t half = c.block_out_channels[0] / 2;
  MEZZO_CHECK(c.time_embedding_type != "positional" || static_cast<double>(half) != c.freq_shift,
              kWhere, ": freq_shift ", c.freq_shift, " is half of the first of block_out_channels;",
              " the frequencies would divide by 0");
}

void check_lists(const UNet2DConfig& c) {
  MEZZO_CHECK(c.down_block_types.size() == c.up_block_types.size() &&
                  c.down_block_types.size() == c.block_out_channels.size(),
              kWhere, ": got ", c.down_block_types.size(), " down_block_types, ",
              c.up_block_types.size(), " up_block_types and ", c.block_out_channels.size(),
              " block_out_channels, wanted as many of each");
  MEZZO_CHECK(c.time_embedding_type != "learned" || c.num_train_timesteps, kWhere,
              ": time_embedding_type learned needs num_train_timesteps");
  const bool all_skip = std::ranges::all_of(c.down_block_types, is_skip) &&
                        std::ranges::all_of(c.up_block_types, is_skip);
  MEZZO_CHECK(c.norm_num_groups || all_skip, kWhere,
              ": norm_num_groups null is for nets of Skip blocks only; give a number");
}

// Skip blocks carry the picture itself, 3 channels, beside the features. It is resampled by Skip
// blocks alone, so its size is right only where no other block resamples in between.
void check_skip_blocks(const UNet2DConfig& c) {
  const size_t last = c.down_block_types.size() - 1;
  for (size_t i = 0; i < last; ++i) {
    const std::string& down = c.down_block_types[i];
    if (is_skip(down)) {
      MEZZO_CHECK(c.in_channels == 3, kWhere, ": ", down, " needs in_channels 3, got ",
                  c.in_channels);
      MEZZO_CHECK(i == 0 || is_skip(c.down_block_types[i - 1]), kWhere, ": ", down,
                  " can't follow ", c.down_block_types[i - 1], ": that doesn't halve the picture");
    }
    const std::string& up = c.up_block_types[i];
    if (!is_skip(up)) continue;
    MEZZO_CHECK(c.out_channels == 3, kWhere, ": ", up, " needs out_channels 3, got ",
                c.out_channels);
    MEZZO_CHECK(is_skip(c.up_block_types[i + 1]), kWhere, ": ", c.up_block_types[i + 1],
                " can't follow ", up, ": it doesn't double the picture");
  }
}

void check_class(const nlohmann::json& json) {
  if (!json.is_object() || !json.contains("_class_name")) return;
  const nlohmann::json& name = json.at("_class_name");
  MEZZO_CHECK(name == "UNet2DModel" || name == "UNetUnconditionalModel", kWhere,
              ": _class_name: got ", name.dump().substr(0, 80), ", wanted \"UNet2DModel\"");
}

/// Keys whose null means "the default", as diffusers reads them.
void drop_null_defaults(nlohmann::json& json) {
  for (const char* key : {"downsample_type", "upsample_type"})
    if (json.contains(key) && json.at(key).is_null()) json.erase(key);
}

/// All fields, as the file had them where it had them.
nlohmann::json saved_form(const UNet2DConfig& config, const nlohmann::json& given) {
  nlohmann::json saved = to_json(config);
  // diffusers writes these two defaults as whole numbers.
  saved["freq_shift"] = 0;
  saved["mid_block_scale_factor"] = 1;
  saved.update(given);
  saved["_class_name"] = "UNet2DModel";
  if (!saved.contains("_diffusers_version")) saved["_diffusers_version"] = "0.42.1";
  return saved;
}

}  // namespace

int64_t UNet2DConfig::groups_for(int64_t channels) const {
  return norm_num_groups ? *norm_num_groups : std::min<int64_t>(channels / 4, 32);
}

std::pair<int64_t, int64_t> UNet2DConfig::height_width() const {
  const auto side = [&](const nlohmann::json& value) {
    int64_t pixels = 0;
    value_from_json(pixels, value, std::string(kWhere) + ": sample_size");
    check_range("sample_size", pixels, 1, 1 << 20);
    return pixels;
  };
  if (sample_size.is_null()) return {0, 0};
  if (!sample_size.is_array()) return {side(sample_size), side(sample_size)};
  MEZZO_CHECK(sample_size.size() == 2, kWhere, ": sample_size: got ", sample_size.dump(),
              ", wanted one number or [height, width]");
  return {side(sample_size[0]), side(sample_size[1])};
}

void UNet2DConfig::validate() const {
  check_sizes(*this);
  check_lists(*this);
  check_numbers(*this);
  check_skip_blocks(*this);
  const auto [height, width] = height_width();
  const int64_t m = size_multiple();
  MEZZO_CHECK(height % m == 0 && width % m == 0, kWhere, ": sample_size ", sample_size.dump(),
              " can't be halved ", counted(down_block_types.size() - 1, "time"),
              "; wanted multiples of ", m, ", such as ", (height + m - 1) / m * m, " x ",
              (width + m - 1) / m * m);
}

ReadUNet2DConfig read_unet_2d_config(const nlohmann::json& json) {
  try {
    ReadUNet2DConfig read;
    check_class(json);
    nlohmann::json renamed = rename_legacy_config(json);
    drop_null_defaults(renamed);
    for (std::string& key : from_json(read.config, renamed, kWhere))
      if (!key.starts_with("_")) read.unknown_keys.push_back(std::move(key));
    read.config.validate();
    read.saved = saved_form(read.config, renamed);
    return read;
  } catch (const Error& error) {
    throw Error(error.what(), ErrorKind::kFailed);  // a file is wrong, not the command line
  }
}

}  // namespace mezzotint
