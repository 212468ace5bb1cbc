#pragma once

#include <string>

namespace mezzotint {

// A run keeps the command line that began it (RunConfig::command_line), as text for a shell. What
// is read off it here is a help to a reader: without it nothing is wrong.

/// "mezzotint train --data ..." -> "train"; empty when no verb that begins a run is in it.
std::string recorded_verb(const std::string& command_line);

/// The value of an option as `--preset`, given as a word of its own or after "="; empty when it
/// isn't there. For values that a shell needs no quotes for.
std::string recorded_option(const std::string& command_line, const std::string& name);

}  // namespace mezzotint
