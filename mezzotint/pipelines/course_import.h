#pragma once

#include <filesystem>

#include "mezzotint/base/weights.h"
#include "mezzotint/pipelines/pipeline.h"

namespace mezzotint {

/// Whether these are the weights of the course's ClassConditionedUnet: `class_emb.weight` and
/// `model.*`, as `torch.save(net.state_dict(), path)` leaves them.
bool is_course_state_dict(const Weights& weights);

/// The pipeline that these weights are part of. A state_dict has no configuration: blocks, widths
/// and layers are read off the keys and shapes; what those don't tell (heads, groups, picture size,
/// noise schedule) is the course's, and a warning says so.
/// @param where the file, for messages.
/// @throws Error when the shapes don't make a network.
Pipeline import_course_state_dict(const Weights& weights, const std::filesystem::path& where);

}  // namespace mezzotint
