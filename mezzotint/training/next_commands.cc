#include "mezzotint/training/next_commands.h"

#include "mezzotint/base/shell_quoted.h"

namespace mezzotint {

std::string resume_command(const std::filesystem::path& run) {
  return "mezzotint resume " + shell_quoted(run.string());
}

std::vector<std::string> next_commands(const std::filesystem::path& run, const std::string& recipe,
                                       bool done) {
  const std::string model = shell_quoted((run / "model").string());
  const std::string again =
      "mezzotint train --config " + shell_quoted((run / "config.json").string()) + " -o again";
  if (!done) return {resume_command(run), again};
  return {recipe == "diffusion" ? "mezzotint sample " + model + " -o samples.png -n 16"
                                : "mezzotint info " + model,
          again};
}

}  // namespace mezzotint
