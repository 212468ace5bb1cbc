#pragma once

#include <string>

namespace mezzotint {

/// This process, told apart from later ones with the same number: "4711 8823442 BOOT", where the
/// second is the time of its start in the kernel's ticks and the third names the machine's boot.
std::string process_mark();

/// Whether the process of a mark still runs on this machine. What is no mark doesn't.
bool process_lives(const std::string& mark);

/// The machine's name; empty when it has none.
std::string host_name();

}  // namespace mezzotint
