#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace mezzotint {

/// What a failure means to a caller; the command turns it into its exit code.
enum class ErrorKind {
  kFailed,     ///< a file, a model or the machine is not as it must be: exit 1
  kUsage,      ///< the request itself is wrong: exit 2
  kCancelled,  ///< somebody asked to stop: exit 130 or 143
};

/// The one exception of the library. The message is one line: where, what was got, what was wanted,
/// what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ErrorKind kind = ErrorKind::kFailed)
      : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// The parts one after another, as `<<` writes them.
template <class... Parts>
std::string concat(Parts&&... parts) {
  std::ostringstream out;
  (out << ... << std::forward<Parts>(parts));
  return out.str();
}

/// @throws Error (kFailed) always.
template <class... Parts>
[[noreturn]] void fail(Parts&&... parts) {
  throw Error(concat(std::forward<Parts>(parts)...));
}

/// @throws Error (kUsage) always.
template <class... Parts>
[[noreturn]] void fail_usage(Parts&&... parts) {
  throw Error(concat(std::forward<Parts>(parts)...), ErrorKind::kUsage);
}

}  // namespace mezzotint

/// Throws Error with the parts as its message unless the condition holds.
#define MEZZO_CHECK(condition, ...)                   \
  do {                                                \
    if (!(condition)) ::mezzotint::fail(__VA_ARGS__); \
  } while (false)
