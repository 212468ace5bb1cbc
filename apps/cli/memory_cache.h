#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace mezzotint::cli {

/// "500M", "2G", "1048576" (K, M, G: times 1024) -> bytes; nothing for any other text.
std::optional<size_t> byte_size(const std::string& text);

/// Lets tensors' freed memory be kept for the next ones (mezzotint/base/caching_allocator.h), to
/// the extent that the variable MEZZOTINT_CACHE says: unset, all of it; "off", none; a size, as
/// much. To be called before the first tensor. @throws Error (kUsage) for any other value.
void keep_tensor_memory();

}  // namespace mezzotint::cli
