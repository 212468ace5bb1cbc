#include "mezzotint/io/image_tensor.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include "mezzotint/base/error.h"

namespace mezzotint {

Tensor image_to_tensor(const Image& image) {
  const int64_t c = image.channels, h = image.height, w = image.width;
  MEZZO_CHECK(static_cast<int64_t>(image.pixels.size()) == c * h * w && c * h * w > 0,
              "image_to_tensor: ", image.pixels.size(), " bytes of pixels for ", w, " x ", h,
              " with ", c, " channels");
  Tensor x_chw = at::empty({c, h, w}, at::kFloat);
  float* out = x_chw.mutable_data_ptr<float>();
  for (int64_t k = 0; k < c; ++k)
    for (int64_t i = 0; i < h * w; ++i)
      *out++ = static_cast<float>(image.pixels[i * c + k]) / 255.0f;
  return x_chw;
}

Image tensor_to_image(const Tensor& x_chw) {
  MEZZO_CHECK(x_chw.dim() == 3 && (x_chw.size(0) == 1 || x_chw.size(0) == 3) && x_chw.numel() > 0,
              "tensor_to_image: got ", x_chw.sizes(), ", wanted [1 or 3, H, W]");
  const Tensor x = x_chw.detach().to(at::kCPU, at::kFloat).contiguous();
  Image image;
  image.channels = static_cast<int>(x.size(0));
  image.height = static_cast<int>(x.size(1));
  image.width = static_cast<int>(x.size(2));
  image.pixels.resize(x.numel());
  const float* in = x.const_data_ptr<float>();
  const int64_t plane = x.size(1) * x.size(2);
  for (int64_t k = 0; k < image.channels; ++k) {
    for (int64_t i = 0; i < plane; ++i) {
      // min and max in this order turn NaN into black instead of undefined behaviour; halves round
      // to even as NumPy's.
      const float unit = std::min(1.0f, std::max(0.0f, in[k * plane + i] / 2 + 0.5f));
      image.pixels[i * image.channels + k] = static_cast<uint8_t>(std::nearbyint(unit * 255.0f));
    }
  }
  return image;
}

Tensor make_grid(const Tensor& x_bchw, int64_t columns, int64_t padding, double pad_value) {
  MEZZO_CHECK(x_bchw.dim() == 4 && x_bchw.size(0) > 0, "make_grid: got ", x_bchw.sizes(),
              ", wanted [B, C, H, W] with at least one picture");
  MEZZO_CHECK(columns > 0 && padding >= 0, "make_grid: ", columns, " columns with padding ",
              padding);
  const int64_t count = x_bchw.size(0), h = x_bchw.size(2), w = x_bchw.size(3);
  const int64_t across = std::min(columns, count), down = (count + across - 1) / across;
  Tensor grid =
      at::full({x_bchw.size(1), down * (h + padding) + padding, across * (w + padding) + padding},
               pad_value, x_bchw.options());
  for (int64_t i = 0; i < count; ++i) {
    const int64_t top = i / across * (h + padding) + padding,
                  left = i % across * (w + padding) + padding;
    grid.narrow(1, top, h).narrow(2, left, w).copy_(x_bchw[i]);
  }
  return grid;
}

}  // namespace mezzotint
