#include "mezzotint/pipelines/reference_picture.h"

#include "mezzotint/data/loader.h"
#include "mezzotint/io/image.h"

namespace mezzotint {
namespace {

Tensor covering(const Image& image, int64_t channels, int64_t height, int64_t width,
                const char* filter) {
  const TransformConfig to_size{.height = height,
                                .width = width,
                                .channels = channels,
                                .resize = "center_crop",
                                .interpolation = filter,
                                .horizontal_flip = false};
  return transform(image, to_size, 0).unsqueeze(0);
}

}  // namespace

Tensor read_reference_picture(const std::filesystem::path& path, int64_t channels, int64_t height,
                              int64_t width) {
  const Image image = read_image(path);
  const bool shrinks = image.height >= height && image.width >= width;
  return covering(image, channels, height, width, shrinks ? "box" : "bilinear");
}

Tensor read_clip_picture(const std::filesystem::path& path, int64_t size) {
  return covering(read_image(path), 3, size, size, "bicubic") / 2 + 0.5;
}

}  // namespace mezzotint
