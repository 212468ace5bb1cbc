#pragma once

#include "mezzotint/base/predict.h"

namespace mezzotint {

/// Classifier-free guidance: the output for no class, and `guidance_scale` times the way from there
/// to the output for the class: unconditional + guidance_scale (conditional - unconditional). 1 is
/// the conditional network alone, more exaggerates the class. (Ho and Salimans 2022,
/// arXiv:2207.12598, equation 6, whose w is guidance_scale - 1; diffusers' guidance_scale.)
Predict classifier_free(Predict conditional, Predict unconditional, double guidance_scale);

}  // namespace mezzotint
