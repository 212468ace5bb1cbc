#include "mezzotint/data/transform.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/ops/empty.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/base/random.h"
#include "mezzotint/data/channels.h"
#include "mezzotint/data/resample.h"

namespace mezzotint {
namespace {

struct Size {
  int width, height;
};

/// The size at which the picture covers (or, with `inside`, fits) the wanted one, sides in
/// proportion. The longer side is cut to a whole number, as torchvision's Resize does.
Size proportional(const Image& image, Size wanted, bool inside) {
  const int64_t w = image.width, h = image.height;
  const bool by_width = (int64_t{wanted.width} * h >= int64_t{wanted.height} * w) != inside;
  if (by_width) return {wanted.width, std::max(1, static_cast<int>(h * wanted.width / w))};
  return {std::max(1, static_cast<int>(w * wanted.height / h)), wanted.height};
}

/// `size` pixels of `image` from (left, top) on; what lies outside is `fill`.
Image window(const Image& image, int left, int top, Size size, const std::vector<uint8_t>& fill) {
  Image out;
  out.width = size.width;
  out.height = size.height;
  out.channels = image.channels;
  for (int y = top; y < top + size.height; ++y) {
    for (int x = left; x < left + size.width; ++x) {
      const bool outside = x < 0 || y < 0 || x >= image.width || y >= image.height;
      const uint8_t* pixel =
          outside ? fill.data()
                  : &image.pixels[(static_cast<size_t>(y) * image.width + x) * image.channels];
      out.pixels.insert(out.pixels.end(), pixel, pixel + image.channels);
    }
  }
  return out;
}

/// Half of what is left over; halves go to the even number, as Python's round in torchvision's
/// CenterCrop.
int centered(int outer, int inner) {
  return static_cast<int>(std::nearbyint((outer - inner) / 2.0));
}

Image scaled(const Image& image, const TransformConfig& config, Rgb background) {
  const Size wanted = {static_cast<int>(config.width), static_cast<int>(config.height)};
  const Filter filter = filter_from_name(config.interpolation);
  if (config.resize == "squash") return resize(image, wanted.width, wanted.height, filter);
  const Size size = proportional(image, wanted, config.resize == "pad");
  Image out = resize(image, size.width, size.height, filter);
  if (config.resize == "random_crop") return out;
  Image fill = {1, 1, 3, {background.begin(), background.end()}};
  return window(out, centered(size.width, wanted.width), centered(size.height, wanted.height),
                wanted, with_channels(fill, image.channels, background).pixels);
}

/// (v / 255 - 0.5) / 0.5 in float, as ToTensor and Normalize(0.5, 0.5) give it.
const std::array<float, 256>& model_range() {
  static const std::array<float, 256> kTable = [] {
    std::array<float, 256> table{};
    for (int v = 0; v < 256; ++v) table[v] = (static_cast<float>(v) / 255.0f - 0.5f) / 0.5f;
    return table;
  }();
  return kTable;
}

}  // namespace

void check_transform(const TransformConfig& config) {
  if (config.height < 0 || config.width < 0 || (config.height == 0) != (config.width == 0))
    fail_usage("picture size ", config.width, " x ", config.height,
               ": give width and height, or 0 for both (as the pictures are)");
  if (config.height > 0 && config.width > kMaxPixels / config.height)
    fail_usage("picture size ", config.width, " x ", config.height, ": at most ", kMaxPixels,
               " pixels");
  if (config.channels != 1 && config.channels != 3)
    fail_usage("channels: got ", config.channels, ", wanted 1 (grey) or 3 (RGB)");
  TransformConfig checked;
  from_json(checked, to_json(config), "transform");  // refuses words that are no choice
  parse_color(config.background);
}

Image prepare(const Image& image, const TransformConfig& config) {
  const Rgb background = parse_color(config.background);
  const Image colored = with_channels(image, static_cast<int>(config.channels), background);
  return config.width == 0 ? colored : scaled(colored, config, background);
}

std::array<int64_t, 2> output_size(const Image& prepared, const TransformConfig& config) {
  if (config.width == 0) return {prepared.width, prepared.height};
  return {config.width, config.height};
}

void finish(const Image& prepared, const TransformConfig& config, uint64_t seed, float* out) {
  const auto [width, height] = output_size(prepared, config);
  const auto pick = [&](const char* name, uint64_t choices) {
    return static_cast<int64_t>(stream_seed(seed, name) % choices);
  };
  const int64_t left = pick("crop_x", prepared.width - width + 1),
                top = pick("crop_y", prepared.height - height + 1);
  const bool flip = config.horizontal_flip && pick("flip", 2) == 1;
  const std::array<float, 256>& range = model_range();
  for (int c = 0; c < prepared.channels; ++c) {
    for (int64_t y = 0; y < height; ++y) {
      const uint8_t* row =
          &prepared.pixels[((top + y) * prepared.width + left) * prepared.channels + c];
      for (int64_t x = 0; x < width; ++x)
        *out++ = range[row[(flip ? width - 1 - x : x) * prepared.channels]];
    }
  }
}

Tensor transform(const Image& image, const TransformConfig& config, uint64_t seed) {
  check_transform(config);
  const Image prepared = prepare(image, config);
  const auto [width, height] = output_size(prepared, config);
  Tensor x_chw = at::empty({config.channels, height, width}, at::kFloat);
  finish(prepared, config, seed, x_chw.mutable_data_ptr<float>());
  return x_chw;
}

}  // namespace mezzotint
