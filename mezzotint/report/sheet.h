#pragma once

#include "mezzotint/io/image.h"

namespace mezzotint {

/// By which whole factor a picture's pixels are enlarged so that its longer side has at least this
/// many.
int enlargement(const Image& image, int smallest_side);

/// Copies `from` (grey or RGB) into the RGB `sheet` at (left, top), every pixel as a square of
/// `factor` pixels. It must fit.
void paste_enlarged(const Image& from, int factor, int left, int top, Image& sheet);

/// A picture made smaller by a whole factor: each pixel the mean of a square. What is left over at
/// the right and lower edges is cut off. 1: the picture itself.
Image reduced(const Image& image, int factor);

/// A rectangle of a picture, which must lie inside.
Image cut_out(const Image& image, int left, int top, int width, int height);

}  // namespace mezzotint
