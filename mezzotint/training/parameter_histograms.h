#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mezzotint/base/weights.h"
#include "mezzotint/training/histogram.h"

namespace mezzotint {

/// By the names of their records.
using NamedHistograms = std::vector<std::pair<std::string, Histogram>>;

/// "weights/KEY" of each parameter.
NamedHistograms weight_histograms(const Weights& parameters);

/// "gradients/KEY" of each parameter that has a gradient.
NamedHistograms gradient_histograms(const Weights& parameters);

}  // namespace mezzotint
