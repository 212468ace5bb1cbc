#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace mezzotint::cli {

/// Everything that a person reads: stderr. Data goes to stdout, by print() and print_json().
class Console {
 public:
  Console() = default;
  Console(bool quiet, bool verbose, bool color) : quiet_(quiet), verbose_(verbose), color_(color) {}
  void say(const std::string& line) const;     ///< a line, unless --quiet
  void detail(const std::string& line) const;  ///< a line with --verbose
  void warn(const std::string& line) const;    ///< "warning: ..."; said even with --quiet
  static void error(const std::string& line);  ///< "mezzotint: error: ..."
  bool quiet() const { return quiet_; }
  bool color() const { return color_; }

  /// Draws `text` in the last line of the terminal, in the place of what was drawn there before;
  /// the lines that are said meanwhile appear above it. "" takes it away.
  static void draw(const std::string& text);

 private:
  bool quiet_ = false;
  bool verbose_ = false;
  bool color_ = false;
};

bool stderr_is_terminal();

/// Writes to stdout as std::printf does. What can't be written is told by flush_stdout().
[[gnu::format(printf, 1, 2)]] void print(const char* format, ...);

/// Writes the one document of --json to stdout, indented, with a newline.
void print_json(const nlohmann::json& document);

/// Flushes stdout. @throws Error when what was written did not arrive, be it now or before (a full
/// disk); a closed pipe is no error.
void flush_stdout();

}  // namespace mezzotint::cli
