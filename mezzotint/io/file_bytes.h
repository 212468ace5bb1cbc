#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace mezzotint {

/// Bytes of a file, and what keeps them in memory.
struct FileBytes {
  char* data = nullptr;
  size_t size = 0;
  std::shared_ptr<const void> owner;

  std::string_view view() const { return {data, size}; }
};

}  // namespace mezzotint
