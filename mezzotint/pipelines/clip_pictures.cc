#include "mezzotint/pipelines/clip_pictures.h"

#include "mezzotint/data/loader.h"
#include "mezzotint/io/image.h"

namespace mezzotint {

Tensor read_clip_picture(const std::filesystem::path& path, int64_t size) {
  const TransformConfig to_size{.height = size,
                                .width = size,
                                .channels = 3,
                                .resize = "center_crop",
                                .interpolation = "bicubic",
                                .horizontal_flip = false};
  return transform(read_image(path), to_size, 0).unsqueeze(0) / 2 + 0.5;
}

}  // namespace mezzotint
