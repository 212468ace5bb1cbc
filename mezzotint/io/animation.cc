#include "mezzotint/io/animation.h"

#include <utility>

#include "mezzotint/base/error.h"
#include "mezzotint/io/animation_codecs.h"
#include "mezzotint/io/files.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

// Browsers show a GIF's frames of less than 20 ms for 100.
constexpr int kShortest = 20;
constexpr int kLongest = 600'000;
constexpr int kMostLoops = 65535;

void check(const AnimationOptions& options, const std::string& name) {
  for (const int ms : {options.frame_ms, options.last_frame_ms})
    if (ms < kShortest || ms > kLongest)
      fail(name, ": a frame of ", ms, " ms, wanted ", kShortest, " to ", kLongest);
  if (options.loops < 0 || options.loops > kMostLoops)
    fail(name, ": ", options.loops, " loops, wanted 1 to ", kMostLoops, ", or 0 for ever");
}

Image as_rgb(Image image, const std::string& name) {
  const auto pixels = static_cast<size_t>(image.width) * image.height;
  if (image.width < 1 || image.height < 1 || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != pixels * image.channels)
    fail(name, ": a frame of ", image.width, " x ", image.height, " with ", image.channels,
         " channels and ", image.pixels.size(), " bytes, wanted 1 or 3 channels");
  if (image.channels == 3) return image;
  Image rgb{.width = image.width, .height = image.height, .channels = 3};
  rgb.pixels.reserve(pixels * 3);
  for (const uint8_t grey : image.pixels) rgb.pixels.insert(rgb.pixels.end(), 3, grey);
  return rgb;
}

}  // namespace

bool names_animation(const fs::path& path) {
  return path.extension() == ".webp" || path.extension() == ".gif";
}

AnimationWriter::AnimationWriter(fs::path path, AnimationOptions options)
    : path_(std::move(path)), options_(std::move(options)) {
  if (!names_animation(path_))
    fail(path_.string(), ": got the ending '", path_.extension().string(),
         "', wanted .webp or .gif");
  check(options_, path_.string());
}

AnimationWriter::~AnimationWriter() = default;

void AnimationWriter::add(Image frame) {
  MEZZO_CHECK(!finished_, path_.string(), ": a frame after the end");
  Image rgb = as_rgb(std::move(frame), path_.string());
  if (!encoder_) {
    const auto make = path_.extension() == ".gif" ? animation_codecs::gif_encoder
                                                  : animation_codecs::webp_encoder;
    encoder_ = make(rgb.width, rgb.height, options_, path_.string());
  } else {
    if (rgb.width != held_.width || rgb.height != held_.height)
      fail(path_.string(), ": a frame of ", rgb.width, " x ", rgb.height, " after one of ",
           held_.width, " x ", held_.height, ", wanted all of one size");
    encoder_->add(held_, options_.frame_ms);
  }
  held_ = std::move(rgb);
}

void AnimationWriter::finish() {
  MEZZO_CHECK(!finished_, path_.string(), ": finished twice");
  if (!encoder_) fail(path_.string(), ": an animation without frames");
  finished_ = true;
  encoder_->add(held_, options_.last_frame_ms);
  write_file_atomic(path_, encoder_->finish());
}

void write_animation(const fs::path& path, std::span<const Image> frames,
                     const AnimationOptions& options) {
  AnimationWriter writer(path, options);
  for (const Image& frame : frames) writer.add(frame);
  writer.finish();
}

}  // namespace mezzotint
