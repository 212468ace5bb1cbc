#include <algorithm>

#include "mezzotint/base/suggest.h"
#include "mezzotint/base/version.h"

#include "apps/cli/completion.h"

namespace mezzotint::cli {
namespace {

// Finds the verb that the cursor is in, then offers its options, nested verbs or values. "--name=x"
// comes as three words, because = is one of COMP_WORDBREAKS, or as one where somebody took it out.
constexpr const char* kComplete = R"bash(
_mezzotint() {
  local cur=${COMP_WORDS[COMP_CWORD]} path= option= prefix= word i
  local -i arguments=0
  local verbs flags words files
  _mezzotint_verb ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == = ]]; then
      continue
    elif [[ $option ]]; then
      option=
    elif [[ $word == -* ]]; then
      _mezzotint_value "$path:$word" && option=$word
    elif [[ $arguments -eq 0 && " $verbs " == *" $word "* ]]; then
      path=${path:+$path }$word
      _mezzotint_verb "$path"
    else
      arguments+=1
    fi
  done
  if [[ $cur == = ]]; then
    cur=
  elif [[ -z $option && $cur == --*=* ]]; then
    option=${cur%%=*} cur=${cur#*=} prefix=$option=
  fi
  words= files=
  if [[ $option ]]; then
    _mezzotint_value "$path:$option"
  elif [[ $cur == -* ]]; then
    words=$flags
  elif [[ $verbs && $arguments -eq 0 ]]; then
    words=$verbs
  else
    _mezzotint_value "$path:$((arguments + 1))"
  fi
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$prefix$word")
  done < <(
    [[ -z $words ]] || compgen -W "$words" -- "$cur"
    [[ -z $files ]] || compgen "$files" -- "$cur"
  )
  [[ -z $files ]] || compopt -o filenames 2>/dev/null
}
complete -F _mezzotint mezzotint
)bash";

std::string verb_case(const CompletableVerb& verb) {
  std::vector<std::string> verbs, flags;
  for (const CompletableVerb::Below& below : verb.verbs) verbs.push_back(below.name);
  for (const CompletableOption& option : verb.options)
    flags.insert(flags.end(), option.names.begin(), option.names.end());
  return "    " + single_quoted(verb.path) + ")\n      verbs=" + single_quoted(joined(verbs, " ")) +
         "\n      flags=" + single_quoted(joined(flags, " ")) + "\n      ;;\n";
}

std::string value_case(const std::vector<std::string>& places, const Completable& value) {
  std::string line = "    " + joined(places, " | ") + ")";
  if (!value.words.empty()) line += " words=" + single_quoted(joined(value.words, " "));
  if (value.paths == Completable::Paths::kFiles) line += " files=-f";
  if (value.paths == Completable::Paths::kFolders) line += " files=-d";
  return line + " ;;\n";
}

std::string value_cases(const CompletableVerb& verb) {
  std::string cases;
  const auto place = [&](const std::string& name) { return single_quoted(verb.path + ":" + name); };
  for (const CompletableOption& option : verb.options) {
    if (!option.takes_value) continue;
    std::vector<std::string> places;
    std::ranges::transform(option.names, std::back_inserter(places), place);
    cases += value_case(places, option.value);
  }
  for (size_t i = 0; i < verb.arguments.size(); ++i) {
    const std::string which =
        verb.arguments[i].repeats ? place("") + "[0-9]*" : place(std::to_string(i + 1));
    cases += value_case({which}, verb.arguments[i].value);
  }
  return cases;
}

}  // namespace

std::string bash_completion(const std::vector<CompletableVerb>& verbs) {
  std::string known, values;
  for (const CompletableVerb& verb : verbs) {
    known += verb_case(verb);
    values += value_cases(verb);
  }
  return "# Completion of mezzotint " + std::string(version()) +
         " in bash, written by: mezzotint completion bash\n\n"
         "# _mezzotint_verb PATH: the verbs and options there.\n"
         "_mezzotint_verb() {\n  verbs= flags=\n  case $1 in\n" +
         known +
         "  esac\n}\n\n"
         "# _mezzotint_value PATH:OPTION or PATH:N: the words and files that its value, or "
         "argument "
         "N, can be.\n"
         "_mezzotint_value() {\n  words= files=\n  case $1 in\n" +
         values + "    *) return 1 ;;\n  esac\n}\n" + kComplete;
}

}  // namespace mezzotint::cli
