#include "apps/cli/labels.h"

#include <algorithm>
#include <cctype>

#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/base/whole_number.h"

#include "apps/cli/split.h"

namespace mezzotint::cli {
namespace {

constexpr int64_t kMostLabels = 100'000;

bool equal_but_for_case(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string classes_of(const Pipeline& pipeline) {
  return classes_in_words(pipeline.class_names, pipeline.class_count());
}

int64_t class_of(const std::string& text, const Pipeline& pipeline) {
  const auto& names = pipeline.class_names;
  for (size_t i = 0; i < names.size(); ++i)
    if (equal_but_for_case(names[i], text)) return static_cast<int64_t>(i);
  const std::optional<int64_t> number = whole_number(text);
  if (number && *number >= 0 && *number < pipeline.class_count()) return *number;
  fail_usage("--labels: no class '", text, "'", did_you_mean(text, names),
             "; the classes: ", classes_of(pipeline));
}

}  // namespace

std::string classes_in_words(const std::vector<std::string>& names, int64_t count) {
  if (names.empty()) return concat("0 to ", count - 1);
  std::vector<std::string> words;
  for (const std::string& name : names) words.push_back(concat(words.size(), " ", name));
  return joined(words);
}

std::vector<int64_t> labels_of(const std::string& text, const Pipeline& pipeline) {
  std::vector<int64_t> labels;
  for (const std::string& part : split(text, ',')) {
    if (part.empty())
      fail_usage("--labels: got '", text,
                 "', wanted classes, such as 0*8,1*8; the classes: ", classes_of(pipeline));
    const size_t star = part.rfind('*');
    int64_t times = 1;
    if (star != std::string::npos) {
      const std::optional<int64_t> number = whole_number(part.substr(star + 1));
      if (!number || *number < 1 || *number > kMostLabels)
        fail_usage("--labels: got '", part, "', wanted CLASS or CLASS*TIMES, such as 0*8");
      times = *number;
    }
    labels.insert(labels.end(), static_cast<size_t>(times),
                  class_of(part.substr(0, star), pipeline));
  }
  return labels;
}

}  // namespace mezzotint::cli
