#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint::cli {

/// "0*8,1*8", "3,Bag*2": classes by number or, in any case, by name, each with how often.
/// @throws Error (kUsage) that names the part and the classes there are.
std::vector<int64_t> labels_of(const std::string& text, const Pipeline& pipeline);

/// "0 T-shirt/top, 1 Trouser, ..." or, without names, "0 to 9".
std::string classes_in_words(const std::vector<std::string>& names, int64_t count);

}  // namespace mezzotint::cli
