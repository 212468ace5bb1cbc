#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "mezzotint/training/position.h"

namespace mezzotint {

/// One thing that a run has to say: a number ("loss", "lr", ...), a picture, or a line of text.
/// train() lists the names.
struct Record {
  Position at;
  std::string name;
  /// A number, a picture's path below the run folder, or a text.
  std::variant<double, std::filesystem::path, std::string> value;

  /// The value if it is of this kind, else null.
  const double* number() const { return std::get_if<double>(&value); }
  const std::filesystem::path* image() const { return std::get_if<std::filesystem::path>(&value); }
  const std::string* text() const { return std::get_if<std::string>(&value); }
};

/// Where records go. Called from the thread that trains, in order.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual void log(const Record& record) = 0;
  /// The run goes on from here: what was logged later is to be forgotten.
  virtual void rewind(const Position& to) { static_cast<void>(to); }
  /// After the last record of a run that came to its end or was stopped.
  virtual void finish() {}
};

using LoggerPtr = std::shared_ptr<Logger>;

}  // namespace mezzotint
