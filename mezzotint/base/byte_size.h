#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mezzotint {

/// "800M", "4G", "1.5GB", "4GiB", "1048576" -> bytes; K, M and G are powers of 1000, as in what we
/// say of memory, KiB, MiB and GiB of 1024. Nothing for any other text, and for what doesn't fit.
std::optional<size_t> byte_size(std::string_view text);

}  // namespace mezzotint
