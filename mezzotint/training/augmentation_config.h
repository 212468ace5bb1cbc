#pragma once

namespace mezzotint {

/// How pictures are changed before a CLIP or a classifier sees them, so that it knows what stays
/// the same: also that half-finished pictures of a diffusion model mean what they will become.
/// Section `augmentation` of RunConfig.
struct AugmentationConfig {
  double smallest = 0.75;  ///< of the size
  double largest = 1.2;
  double turn = 11.5;   ///< degrees either way
  double shift = 0.11;  ///< of the size, either way
  double color = 0.08;
  double contrast = 0.25;
  double blur = 0.4;
  double noise = 0.6;
  double background = 1;  ///< -1 black .. 1 white

  void fields(auto& f) {
    f("smallest", smallest, "smallest size, as a factor");
    f("largest", largest, "largest size");
    f("turn", turn, "turned by up to so many degrees either way");
    f("shift", shift, "shifted by up to so much of the size either way");
    f("color", color, "deviation of a random mix of the channels");
    f("contrast", contrast, "contrast is changed by up to so much either way");
    f("blur", blur, "share of the pictures that are blurred");
    f("noise", noise, "half of the pictures get noise, of up to this share of the deviation");
    f("background", background,
      "what comes in from outside and contrast leaves alone: -1 black, 1 white");
  }
};

}  // namespace mezzotint
