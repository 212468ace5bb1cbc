#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mezzotint {

/// What a setting of other training tools (diffusers' scripts, transformers' Trainer, Lightning,
/// kohya's) is called here: "learning_rate" -> "lr", "--train-batch-size" -> "--batch-size".
/// @param candidates the names that are known where it was given, spelled as keys or as options.
/// @return the candidate; empty when there is none.
std::string name_here(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mezzotint
