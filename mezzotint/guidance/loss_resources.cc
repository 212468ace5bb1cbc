#include "mezzotint/guidance/loss_resources.h"

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

Tensor read(const LossResources& resources, const std::string& path, const char* loss,
            const char* what, int64_t channels, int64_t height, int64_t width) {
  if (path.empty()) fail_usage("loss ", loss, ": needs a ", what, " file");
  MEZZO_CHECK(resources.picture, "loss ", loss, ": there is nothing to read ", path, " with");
  return resources.picture(path, channels, height, width).to(resources.device);
}

}  // namespace

Tensor picture_of(const LossResources& resources, const std::string& path, const char* loss,
                  int64_t height, int64_t width) {
  return read(resources, path, loss, "picture", resources.channels,
              height > 0 ? height : resources.height, width > 0 ? width : resources.width);
}

Tensor mask_of(const LossResources& resources, const std::string& path, const char* loss) {
  return read(resources, path, loss, "mask", 1, resources.height, resources.width) / 2 + 0.5;
}

uint64_t draw_seed(const LossResources& resources, const char* what, size_t step, int64_t repeat,
                   int64_t image) {
  const auto index = static_cast<size_t>(image);
  const bool own = index < resources.seeds.size();
  return stream_seed(own ? resources.seeds[index] : resources.seed,
                     concat(what, '/', step, '/', repeat, '/', own ? 0 : image));
}

}  // namespace mezzotint
