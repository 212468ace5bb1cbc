#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

namespace mezzotint {

/// Takes little-endian numbers and runs of bytes off the front of some bytes; reading past the end
/// is an error.
class ByteReader {
 public:
  /// @param where stands before the position in errors.
  ByteReader(std::string_view bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - position_)
      fail_here("wanted ", counted(count, "byte"), ", got the last ", bytes_.size() - position_);
    const std::string_view taken = bytes_.substr(position_, count);
    position_ += count;
    return taken;
  }

  /// An unsigned number of sizeof(T) bytes.
  template <class T>
  T number() {
    uint64_t value = 0;
    const std::string_view taken = take(sizeof(T));
    for (size_t i = sizeof(T); i-- > 0;) value = value << 8U | static_cast<unsigned char>(taken[i]);
    return static_cast<T>(value);
  }

  /// What stands before the next newline, which is taken too.
  std::string_view line() {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) fail_here("a line without an end");
    const std::string_view taken = bytes_.substr(position_, end - position_);
    position_ = end + 1;
    return taken;
  }

  size_t position() const { return position_; }
  size_t left() const { return bytes_.size() - position_; }
  const std::string& where() const { return where_; }

  template <class... Parts>
  [[noreturn]] void fail_here(Parts&&... parts) const {
    fail(where_, ": byte ", position_, ": ", std::forward<Parts>(parts)...);
  }

 private:
  std::string_view bytes_;
  std::string where_;
  size_t position_ = 0;
};

}  // namespace mezzotint
