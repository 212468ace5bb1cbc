#pragma once

#include <cstdint>
#include <vector>

#include "mezzotint/base/tensor.h"

namespace mezzotint {

/// A text that should find a picture.
struct RetrievalCase {
  int64_t text = 0;                 ///< row of the texts
  int64_t picture = 0;              ///< the right one, row of the pictures
  std::vector<int64_t> also_right;  ///< pictures that aren't held against it
};

/// How often a text is nearest to its picture among `candidates` pictures: the right one, and
/// others drawn at random (from `seed`) that don't belong to the text as well; each case is drawn
/// `draws` times. text_td, picture_pd: unit vectors. @return the share, 0 to 1.
double retrieval_accuracy(const Tensor& text_td, const Tensor& picture_pd,
                          const std::vector<RetrievalCase>& cases, int64_t candidates,
                          int64_t draws, uint64_t seed);

}  // namespace mezzotint
