#pragma once

#include "mezzotint/base/tensor.h"
#include "mezzotint/training/histogram.h"

namespace mezzotint {

/// Of all elements, as float32 has them: any shape, type and layout. One pass, on one thread.
Histogram histogram_of(const Tensor& tensor);

}  // namespace mezzotint
