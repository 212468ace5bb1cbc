#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mezzotint {

/// An array of unsigned bytes, as MNIST's files hold it.
struct IdxArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> values;  ///< row-major
};

/// Reads an idx file, plain or gzipped:
///
///     0     two zero bytes
///     2     0x08: values are unsigned bytes (no other type is read)
///     3     d, the number of dimensions
///     4     d sizes, each four bytes, the highest first
///     4+4d  the values, exactly as many as the sizes say
///
/// The sizes are judged before the values are unpacked, so a small file can't ask for more memory
/// than its packed bytes could hold. @param dimensions what d must be.
/// @throws Error naming the file and what is wrong with it.
IdxArray read_idx(const std::filesystem::path& path, int dimensions);

}  // namespace mezzotint
