#include "apps/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace mezzotint::cli {

std::optional<size_t> terminal_width(int descriptor) {
  winsize size{};
  const bool known = isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? std::optional<size_t>(size.ws_col) : std::nullopt;
}

}  // namespace mezzotint::cli
