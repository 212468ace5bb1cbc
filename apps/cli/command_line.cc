#include "apps/cli/command_line.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "mezzotint/base/error.h"
#include "mezzotint/base/shell_quoted.h"
#include "mezzotint/base/suggest.h"

#include "apps/cli/command_tree.h"
#include "apps/cli/parse_problem.h"

namespace mezzotint::cli {
namespace {

using Synonyms = std::pair<const char*, const char*>;
constexpr std::array<Synonyms, 3> kSynonyms = {
    {{"--output", "--out"}, {"--batch-size", "--batch"}, {"--size", "--image-size"}}};

/// What `name` is called at `verb`; itself where nothing of the kind is known.
std::string declared_name(const CLI::App& verb, const std::string& name) {
  if (find_option(verb, name)) return name;
  std::string dashed = name;
  std::ranges::replace(dashed, '_', '-');
  if (find_option(verb, dashed)) return dashed;
  for (const auto& [one, other] : kSynonyms) {
    if (dashed == one && find_option(verb, other)) return other;
    if (dashed == other && find_option(verb, one)) return one;
  }
  return name;
}

bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !std::isdigit(static_cast<unsigned char>(word[1]));
}

/// "--name=value" -> "--name"; "-n4" -> "-n".
std::string name_in(const std::string& word) {
  return word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
}

/// "--ema=off" -> "--ema=false": a flag may be given its value. Nothing for a value that is none.
std::optional<std::string> flag_word(const std::string& word, const std::string& name) {
  if (!word.starts_with("--") || word.size() == name.size()) return word;
  std::string value = word.substr(name.size() + 1);
  std::ranges::transform(value, value.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* yes : {"yes", "true", "on", "1"})
    if (value == yes) return name + "=true";
  for (const char* no : {"no", "false", "off", "0"})
    if (value == no) return name + "=false";
  return std::nullopt;
}

const CLI::App* find_verb(const CLI::App& app, const std::string& name) {
  for (const CLI::App* verb : verbs_of(app))
    if (verb->get_name() == name) return verb;
  return nullptr;
}

/// Reads one word after the other, and keeps the first problem.
class Reader {
 public:
  Reader(const CLI::App& app, std::vector<std::string> args)
      : args_(std::move(args)), verb_(&app) {}

  CommandLine read() {
    for (; at_ < args_.size() && args_[at_] != "--"; ++at_) {
      if (looks_like_option(args_[at_]))
        read_option();
      else
        read_bare_word();
    }
    if (!problem_.empty() && !(asks_for_help_ && verb_known_)) fail_usage(problem_);
    return {args_, verb_};
  }

 private:
  void found(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
  }

  void read_bare_word() {
    if (verbs_of(*verb_).empty()) return;  // an argument; CLI11 counts them
    const CLI::App* below = find_verb(*verb_, args_[at_]);
    if (!below) {
      verb_known_ = false;
      return found(unknown_verb(*verb_, args_[at_]));
    }
    verb_ = below;
  }

  void read_option() {
    std::string& word = args_[at_];
    const std::string given = name_in(word), name = declared_name(*verb_, given);
    const CLI::Option* option = find_option(*verb_, name);
    if (!option) return found(unknown_option(*verb_, word));
    word.replace(0, given.size(), name);
    if (takes_value(*option)) return read_value(*option, name);
    asks_for_help_ = asks_for_help_ || name == "-h" || name == "--help";
    if (const std::optional<std::string> flag = flag_word(word, name))
      word = *flag;
    else
      found(name + ": got '" + word.substr(name.size() + 1) +
            "', wanted yes or no, or no value at all");
  }

  void read_value(const CLI::Option& option, const std::string& name) {
    const std::string wanted = ", wanted " + value_in_words(option) + see_help(*verb_);
    if (args_[at_].size() > name.size()) {  // in the same word
      if (args_[at_] == name + "=") found(name + ": got an empty value" + wanted);
      return;
    }
    if (++at_ == args_.size()) return found(name + ": no value given" + wanted);
    const std::string& value = args_[at_];
    if (value.empty()) found(name + ": got an empty value" + wanted);
    if (looks_like_option(value) && find_option(*verb_, name_in(value)))
      found(name + ": no value given before " + value + wanted);
  }

  std::vector<std::string> args_;
  const CLI::App* verb_;
  size_t at_ = 0;
  bool asks_for_help_ = false;
  bool verb_known_ = true;
  std::string problem_;
};

}  // namespace

CommandLine read_command_line(const CLI::App& app, std::vector<std::string> args) {
  return Reader(app, std::move(args)).read();
}

std::string shell_quoted(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(mezzotint::shell_quoted(word));
  return joined(quoted, " ");
}

}  // namespace mezzotint::cli
