#include "apps/cli/console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "mezzotint/base/error.h"

namespace mezzotint::cli {
namespace {

/// What draw() left in the terminal's last line.
std::string& drawn() {
  static std::string text;
  return text;
}

void line(const std::string& text) {
  const char* const clear = drawn().empty() ? "" : "\r\033[K";
  std::fprintf(stderr, "%s%s\n%s", clear, text.c_str(), drawn().c_str());
}

}  // namespace

void Console::say(const std::string& text) const {
  if (!quiet_) line(text);
}

void Console::detail(const std::string& text) const {
  if (verbose_ && !quiet_) line(text);
}

void Console::warn(const std::string& text) const {
  line((color_ ? "\033[33mwarning:\033[0m " : "warning: ") + text);
}

void Console::error(const std::string& text) { line("mezzotint: error: " + text); }

void Console::draw(const std::string& text) {
  if (text.empty() && drawn().empty()) return;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
  drawn() = text;
}

bool stderr_is_terminal() { return isatty(STDERR_FILENO) != 0; }

void print_json(const nlohmann::json& document) {
  std::cout << document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

void flush_stdout() {
  errno = 0;
  std::cout.flush();
  std::fflush(stdout);
  if (std::cout.good() && !std::ferror(stdout)) return;
  if (errno == EPIPE) return;
  fail("stdout: cannot write: ", std::strerror(errno));
}

}  // namespace mezzotint::cli
