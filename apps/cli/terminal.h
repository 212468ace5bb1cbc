#pragma once

#include <cstddef>
#include <optional>

namespace mezzotint::cli {

/// Columns of the terminal that a file descriptor writes to; nothing where it is none, or doesn't
/// say.
std::optional<size_t> terminal_width(int descriptor);

}  // namespace mezzotint::cli
