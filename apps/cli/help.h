#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace mezzotint::cli {

/// What --help prints: usage with all that is required, arguments, verbs, then options by group.
class HelpFormatter : public CLI::FormatterBase {
 public:
  /// @param width columns that lines are wrapped at.
  explicit HelpFormatter(size_t width) : width_(width) {}
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  /// One line of a list, or several: `left`, and `right` wrapped in a column of its own.
  std::string row(const std::string& left, const std::string& right) const;

 private:
  std::string option_rows(const CLI::App& app, const std::string& group) const;

  size_t width_;
};

/// The columns of the terminal that stdout is, at most 100; 100 where it is none.
size_t help_width();

}  // namespace mezzotint::cli
