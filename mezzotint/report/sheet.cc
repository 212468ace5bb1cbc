#include "mezzotint/report/sheet.h"

#include <algorithm>

#include "mezzotint/base/error.h"

namespace mezzotint {

int enlargement(const Image& image, int smallest_side) {
  const int side = std::max(1, std::max(image.width, image.height));
  return std::max(1, (smallest_side + side - 1) / side);
}

void paste_enlarged(const Image& from, int factor, int left, int top, Image& sheet) {
  for (int y = 0; y < from.height * factor; ++y)
    for (int x = 0; x < from.width * factor; ++x) {
      const size_t pixel = static_cast<size_t>(y / factor) * from.width + x / factor;
      const size_t place = static_cast<size_t>(top + y) * sheet.width + left + x;
      for (int c = 0; c < 3; ++c)
        sheet.pixels[place * 3 + c] =
            from.pixels[pixel * from.channels + (from.channels == 1 ? 0 : c)];
    }
}

Image reduced(const Image& image, int factor) {
  MEZZO_CHECK(factor >= 1 && factor <= std::min(image.width, image.height), "reduced: by ", factor,
              ", a picture of ", image.width, " x ", image.height);
  if (factor == 1) return image;
  Image small{
      .width = image.width / factor, .height = image.height / factor, .channels = image.channels};
  const int area = factor * factor;
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x)
      for (int c = 0; c < image.channels; ++c) {
        int sum = area / 2;
        for (int k = 0; k < area; ++k) {
          const size_t row = static_cast<size_t>(y) * factor + k / factor;
          const size_t pixel = row * image.width + static_cast<size_t>(x) * factor + k % factor;
          sum += image.pixels[pixel * image.channels + c];
        }
        small.pixels.push_back(static_cast<uint8_t>(sum / area));
      }
  return small;
}

Image cut_out(const Image& image, int left, int top, int width, int height) {
  MEZZO_CHECK(left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= image.width &&
                  top + height <= image.height,
              "cut_out: ", width, " x ", height, " at ", left, ", ", top, " of ", image.width,
              " x ", image.height);
  Image part{.width = width, .height = height, .channels = image.channels};
  const auto row = static_cast<size_t>(width) * image.channels;
  for (int y = 0; y < height; ++y) {
    const size_t begin = (static_cast<size_t>(top + y) * image.width + left) * image.channels;
    part.pixels.insert(part.pixels.end(), image.pixels.begin() + begin,
                       image.pixels.begin() + begin + row);
  }
  return part;
}

}  // namespace mezzotint
