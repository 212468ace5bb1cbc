#include "apps/cli/console.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

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

/// Why stdout couldn't be written, from the first time on: errno has other values by the end.
int& stdout_problem() {
  static int number = 0;
  return number;
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

void print(const char* format, ...) {
  std::va_list values;
  va_start(values, format);
  const bool written = std::vprintf(format, values) >= 0;
  if (!written && stdout_problem() == 0) stdout_problem() = errno;
  va_end(values);
}

void print_json(const nlohmann::json& document) {
  print("%s\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void flush_stdout() {
  if (std::fflush(stdout) != 0 && stdout_problem() == 0) stdout_problem() = errno;
  if (std::ferror(stdout) && stdout_problem() == 0) stdout_problem() = EIO;
  if (stdout_problem() == 0 || stdout_problem() == EPIPE) return;
  fail("can't write to standard output: ", std::strerror(stdout_problem()));
}

}  // namespace mezzotint::cli
