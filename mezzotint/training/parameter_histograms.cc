#include "mezzotint/training/parameter_histograms.h"

#include "mezzotint/training/histogram_of.h"

namespace mezzotint {

NamedHistograms weight_histograms(const Weights& parameters) {
  NamedHistograms all;
  for (const auto& [key, parameter] : parameters)
    all.emplace_back("weights/" + key, histogram_of(parameter.detach()));
  return all;
}

NamedHistograms gradient_histograms(const Weights& parameters) {
  NamedHistograms all;
  for (const auto& [key, parameter] : parameters)
    if (parameter.grad().defined())
      all.emplace_back("gradients/" + key, histogram_of(parameter.grad()));
  return all;
}

}  // namespace mezzotint
