#include <algorithm>

#include "mezzotint/base/suggest.h"
#include "mezzotint/base/version.h"

#include "apps/cli/completion.h"

namespace mezzotint::cli {
namespace {

/// "data preview" -> "_mezzotint_data_preview".
std::string function_name(const std::string& path) {
  std::string name = path.empty() ? "_mezzotint" : "_mezzotint_" + path;
  std::ranges::replace(name, ' ', '_');
  return name;
}

/// Puts a backslash before each character that _arguments or _describe gives a meaning to.
std::string escaped(const std::string& text, const std::string& special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

/// What stands behind ":KIND:" of _arguments.
std::string action(const std::string& kind, const Completable& value) {
  using Paths = Completable::Paths;
  const std::string words = "(" + joined(value.words, " ") + ")";
  const std::string paths = value.paths == Paths::kFolders ? "_files -/" : "_files";
  if (value.words.empty()) return value.paths == Paths::kNone ? " " : paths;
  if (value.paths == Paths::kNone) return words;
  return "{_alternative \"known:known " + kind + ":" + words + "\" \"paths:path:" + paths + "\"}";
}

std::string option_spec(const CompletableOption& option) {
  std::vector<std::string> names = option.names;
  std::string value;
  if (option.takes_value) {
    for (std::string& name : names) name += name.starts_with("--") ? "=" : "+";
    value = ":" + option.kind + ":" + action(option.kind, option.value);
  }
  const std::string rest = "[" + escaped(option.help, "\\[]:") + "]" + value;
  if (names.size() == 1) return "    " + single_quoted(names[0] + rest) + " \\\n";
  return "    " + single_quoted("(" + joined(option.names, " ") + ")") + "{" + joined(names, ",") +
         "}" + single_quoted(rest) + " \\\n";
}

std::string head(const CompletableVerb& verb, bool nested) {
  std::string text = "\n" + function_name(verb.path) + "() {\n";
  if (nested) text += "  local curcontext=$curcontext state line ret=1\n  typeset -A opt_args\n";
  text += std::string("  _arguments -s -S") + (nested ? " -C" : "") + " \\\n";
  for (const CompletableOption& option : verb.options) text += option_spec(option);
  return text;
}

/// The verb's arguments are the last thing of its function.
std::string leaf(const CompletableVerb& verb) {
  std::string text = head(verb, false);
  for (size_t i = 0; i < verb.arguments.size(); ++i) {
    const CompletableOption& argument = verb.arguments[i];
    text += "    " +
            single_quoted((argument.repeats ? "*" : std::to_string(i + 1)) + ":" + argument.kind +
                          ":" + action(argument.kind, argument.value)) +
            " \\\n";
  }
  return text + "    && return 0\n  return 1\n}\n";
}

/// A verb with verbs below: describes them, or goes on in the function of the one that was given.
std::string branch(const CompletableVerb& verb) {
  std::string text = head(verb, true);
  text += "    '(-)1: :->verb' '(-)*:: :->below' && ret=0\n  case $state in\n    verb)\n";
  text += "      local -a verbs=(\n";
  for (const CompletableVerb::Below& below : verb.verbs)
    text += "        " + single_quoted(below.name + ":" + escaped(below.summary, "\\:")) + "\n";
  text += "      )\n      _describe -t verbs verb verbs && ret=0\n      ;;\n    below)\n";
  text += "      case $line[1] in\n";
  for (const CompletableVerb::Below& below : verb.verbs) {
    const std::string path = verb.path.empty() ? below.name : verb.path + " " + below.name;
    text += "        " + below.name + ") " + function_name(path) + " && ret=0 ;;\n";
  }
  return text + "      esac\n      ;;\n  esac\n  return ret\n}\n";
}

}  // namespace

std::string zsh_completion(const std::vector<CompletableVerb>& verbs) {
  std::string script = "#compdef mezzotint\n# Completion of mezzotint " + std::string(version()) +
                       " in zsh, written by: mezzotint completion zsh\n";
  for (const CompletableVerb& verb : verbs)
    script += verb.verbs.empty() ? leaf(verb) : branch(verb);
  // As a file in $fpath it is the function's body; else it is read by `source`.
  return script +
         "\nif [[ $funcstack[1] == _mezzotint ]]; then\n  _mezzotint \"$@\"\nelse\n  compdef "
         "_mezzotint mezzotint\nfi\n";
}

}  // namespace mezzotint::cli
