#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace mezzotint::cli {

/// What a word can be completed to.
struct Completable {
  enum class Paths { kNone, kFiles, kFolders };
  std::vector<std::string> words;
  Paths paths = Paths::kNone;  ///< besides the words
};

struct CompletableOption {
  std::vector<std::string> names;  ///< "-o", "--out"
  std::string help;
  bool takes_value = false;
  std::string kind;  ///< of the value: "FILE"
  Completable value;
  bool repeats = false;  ///< an argument that may be given again and again
};

/// One verb as a shell completes it; the command itself has the path "".
struct CompletableVerb {
  struct Below {
    std::string name, summary;
  };
  std::string path;                        ///< "data preview"
  std::vector<Below> verbs;                ///< nested ones
  std::vector<CompletableOption> options;  ///< all that can be given here
  std::vector<CompletableOption> arguments;
};

/// The whole tree below `root`, the command itself first.
std::vector<CompletableVerb> completable_verbs(const CLI::App& root);

/// Scripts for the shells, to be evaluated by each.
std::string bash_completion(const std::vector<CompletableVerb>& verbs);
std::string zsh_completion(const std::vector<CompletableVerb>& verbs);
std::string fish_completion(const std::vector<CompletableVerb>& verbs);

/// `text` between single quotes, as bash and zsh read them.
std::string single_quoted(const std::string& text);

}  // namespace mezzotint::cli
