#pragma once

#include <string>

namespace mezzotint::cli {

/// Everything that a person reads: stderr. Data (stdout) is written by the verbs themselves.
class Console {
 public:
  Console() = default;
  Console(bool quiet, bool verbose, bool color) : quiet_(quiet), verbose_(verbose), color_(color) {}
  void say(const std::string& line) const;      ///< a line, unless --quiet
  void detail(const std::string& line) const;   ///< a line with --verbose
  void warn(const std::string& line) const;     ///< "warning: ..."
  static void error(const std::string& line);  ///< "mezzotint: error: ..."
  bool quiet() const { return quiet_; }
  bool color() const { return color_; }

 private:
  bool quiet_ = false;
  bool verbose_ = false;
  bool color_ = false;
};

}  // namespace mezzotint::cli
