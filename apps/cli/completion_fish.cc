#include <algorithm>

#include "mezzotint/base/suggest.h"
#include "mezzotint/base/version.h"

#include "apps/cli/completion.h"

namespace mezzotint::cli {
namespace {

// The path is made of the first bare words, as far as they are verbs; values of options that may
// stand before or between them are stepped over.
constexpr const char* kAt = R"(
function __mezzotint_at --argument-names path
    set -l at
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word $__mezzotint_valued
            set skip 1
        else if not string match -q -- '-*' $word
            contains -- (string join ' ' $at $word) $__mezzotint_paths
            or break
            set -a at $word
        end
    end
    test "$at" = "$path"
end

complete -c mezzotint -f
)";

/// Between single quotes, where fish knows \\ and \' only.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string values(const Completable& value) {
  std::string text;
  std::vector<std::string> words = value.words;
  if (value.paths == Completable::Paths::kFolders) words.push_back("(__fish_complete_directories)");
  if (!words.empty()) text += " -a " + quoted(joined(words, " "));
  if (value.paths == Completable::Paths::kFiles) text += " -F";
  return text;
}

std::string option_line(const std::string& head, const CompletableOption& option) {
  std::string line = head;
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (option.takes_value)
    line +=
        (option.value.paths == Completable::Paths::kFiles ? " -r" : " -x") + values(option.value);
  return line + " -d " + quoted(option.help) + "\n";
}

std::string verb_lines(const CompletableVerb& verb) {
  const std::string head = "complete -c mezzotint -n '__mezzotint_at \"" + verb.path + "\"'";
  std::string lines = "\n";
  for (const CompletableVerb::Below& below : verb.verbs)
    lines += head + " -a " + below.name + " -d " + quoted(below.summary) + "\n";
  for (const CompletableOption& argument : verb.arguments)
    lines += head + values(argument.value) + "\n";
  for (const CompletableOption& option : verb.options) lines += option_line(head, option);
  return lines;
}

/// Options of the verbs that have verbs below them, whose values could be taken for one.
std::string valued_options(const std::vector<CompletableVerb>& verbs) {
  std::vector<std::string> names;
  for (const CompletableVerb& verb : verbs)
    for (const CompletableOption& option : verb.options)
      if (!verb.verbs.empty() && option.takes_value)
        names.insert(names.end(), option.names.begin(), option.names.end());
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return joined(names, " ");
}

}  // namespace

std::string fish_completion(const std::vector<CompletableVerb>& verbs) {
  std::string paths, lines;
  for (const CompletableVerb& verb : verbs) {
    if (!verb.path.empty()) paths += " " + quoted(verb.path);
    lines += verb_lines(verb);
  }
  return "# Completion of mezzotint " + std::string(version()) +
         " in fish, written by: mezzotint completion fish\n\n"
         "set -g __mezzotint_paths" +
         paths + "\nset -g __mezzotint_valued " + valued_options(verbs) + "\n" + kAt + lines;
}

}  // namespace mezzotint::cli
