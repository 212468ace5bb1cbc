#include "mezzotint/guidance/step_range.h"

#include <optional>
#include <string_view>

#include "mezzotint/base/error.h"
#include "mezzotint/base/whole_number.h"

namespace mezzotint {
StepRange parse_step_range(const std::string& text, const std::string& where) {
  const std::string_view view = text;
  const size_t dots = view.find("..");
  const std::string_view first = view.substr(0, dots),
                         last = dots == std::string_view::npos ? first : view.substr(dots + 2);
  StepRange range;
  bool good = !text.empty() && text != "..";
  if (!first.empty() && good) {
    const std::optional<size_t> value = whole_number<size_t>(first);
    good = value.has_value();
    range.first = value.value_or(0);
  }
  if (!last.empty() && good) {
    const std::optional<size_t> value = whole_number<size_t>(last);
    good = value.has_value() && *value >= range.first;
    range.last = value.value_or(0);
  }
  if (!good)
    fail_usage(where, ": got '", text, "', wanted steps counted from 0, such as 0..9, 10.. or 5");
  return range;
}

}  // namespace mezzotint
