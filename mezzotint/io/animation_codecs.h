#pragma once

#include <memory>
#include <string>

#include "mezzotint/io/animation.h"
#include "mezzotint/io/image.h"

// What io/animation.cc shares with its encoders; not for other modules.
namespace mezzotint::animation_codecs {

/// Encodes into memory. Errors start with the name that the encoder was made with.
class Encoder {
 public:
  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder() = default;

  /// @param rgb 3 channels, the size that the encoder was made for.
  virtual void add(const Image& rgb, int milliseconds) = 0;
  /// The whole file; nothing is added afterwards.
  virtual std::string finish() = 0;
};

/// @throws Error when the format has no such size.
std::unique_ptr<Encoder> webp_encoder(int width, int height, const AnimationOptions& options,
                                      const std::string& name);
std::unique_ptr<Encoder> gif_encoder(int width, int height, const AnimationOptions& options,
                                     const std::string& name);

}  // namespace mezzotint::animation_codecs
