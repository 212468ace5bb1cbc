#include "mezzotint/pipelines/reference_picture.h"

#include "mezzotint/data/loader.h"
#include "mezzotint/io/image.h"

namespace mezzotint {

Tensor read_reference_picture(const std::filesystem::path& path, int64_t channels, int64_t height,
                              int64_t width) {
  const Image image = read_image(path);
  const bool shrinks = image.height >= height && image.width >= width;
  const TransformConfig to_size{.height = height,
                                .width = width,
                                .channels = channels,
                                .resize = "center_crop",
                                .interpolation = shrinks ? "box" : "bilinear",
                                .horizontal_flip = false};
  return transform(image, to_size, 0).unsqueeze(0);
}

}  // namespace mezzotint
