#include "apps/cli/console.h"

#include <cstdio>

namespace mezzotint::cli {

static void line(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

void Console::say(const std::string& text) const {
  if (!quiet_) line(text);
}

void Console::detail(const std::string& text) const {
  if (verbose_ && !quiet_) line(text);
}

void Console::warn(const std::string& text) const { line((color_ ? "\033[33mwarning:\033[0m " : "warning: ") + text); }

void Console::error(const std::string& text) { line("mezzotint: error: " + text); }

}  // namespace mezzotint::cli
