#pragma once

#include <string>

#include "mezzotint/io/image.h"

namespace mezzotint {

/// Two pictures on white, each with a title above, enlarged by a whole factor where they are small:
/// the "current x" and "predicted x0" of a sampling step. They stand side by side, long rows of
/// pictures one below the other. Grey or RGB -> RGB.
Image preview_pair(const Image& left, const std::string& left_title, const Image& right,
                   const std::string& right_title);

}  // namespace mezzotint
