#pragma once

namespace mezzotint::cli {

/// Lets tensors' freed memory be kept for the next ones (mezzotint/base/caching_allocator.h), to
/// the extent that the variable MEZZOTINT_CACHE says: unset, all of it; "off", none; a size, as
/// much. To be called before the first tensor. @throws Error (kUsage) for any other value.
void keep_tensor_memory();

}  // namespace mezzotint::cli
