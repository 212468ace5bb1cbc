#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "mezzotint/io/image.h"

namespace mezzotint {

namespace animation_codecs {
class Encoder;
}

struct AnimationOptions {
  int frame_ms = 100;       ///< how long a frame is shown: 20 to 600000; GIF rounds to 10
  int last_frame_ms = 100;  ///< the same of the last one
  int loops = 0;            ///< how often all of it is shown, at most 65535; 0: for ever
  std::string comment;      ///< one line of UTF-8: GIF's comment, WebP's dc:description (XMP)
};

/// Whether the name ends as an animation's does: .webp or .gif.
bool names_animation(const std::filesystem::path& path);

/// Writes an animation, frame by frame. The ending of the name decides on the format: .webp is
/// lossless, .gif has the 256 colours that suit each frame best, and a frame that has no more keeps
/// them exactly. What is held in memory is one frame and the encoded file. The file comes into
/// being, or replaces an old one, when `finish` has encoded it all.
class AnimationWriter {
 public:
  /// @throws Error for another ending, and for options out of range.
  AnimationWriter(std::filesystem::path path, AnimationOptions options);
  ~AnimationWriter();
  AnimationWriter(const AnimationWriter&) = delete;
  AnimationWriter& operator=(const AnimationWriter&) = delete;

  /// @param frame grey or RGB, of the first frame's size.
  /// @throws Error when it isn't, or is larger than the format allows (WebP 16383, GIF 65535
  /// pixels on a side).
  void add(Image frame);

  /// Writes the file, once. @throws Error when there was no frame, or naming the file and the
  /// system's reason; an old file is then as it was.
  void finish();

 private:
  std::filesystem::path path_;
  AnimationOptions options_;
  std::unique_ptr<animation_codecs::Encoder> encoder_;
  Image held_;  ///< the newest frame, RGB: whether it is the last decides how long it is shown
  bool finished_ = false;
};

/// All frames at once.
void write_animation(const std::filesystem::path& path, std::span<const Image> frames,
                     const AnimationOptions& options);

}  // namespace mezzotint
