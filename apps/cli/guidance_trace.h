#pragma once

#include <string>
#include <vector>

#include "mezzotint/guidance/guidance.h"

namespace mezzotint::cli {

/// What a guided run says of its steps: means over the pictures, as CSV or plotted.
class GuidanceTrace {
 public:
  void add(const GuidedStep& step);
  /// "loss 0.123" of the last step, the weighted sum of all terms.
  std::string note() const;
  /// By the file's ending: .csv, .svg or .png.
  void write(const std::string& file) const;

 private:
  struct Row {
    size_t step;
    double timestep;
    int method;  ///< 0: unguided
    double total;
    std::vector<std::pair<std::string, double>> losses;
    double rms;
    double clamped;
  };
  std::string csv() const;
  std::vector<std::string> names() const;
  std::vector<Row> rows_;
};

}  // namespace mezzotint::cli
