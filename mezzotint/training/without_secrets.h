#pragma once

#include <string>

namespace mezzotint {

/// A command line or another text in which nothing is left to sign in with: the values of options
/// such as --token and --hub-password, tokens of model hubs ("hf_..."), and the user and password
/// of an address ("https://me:secret@host/") become "***".
std::string without_secrets(const std::string& text);

}  // namespace mezzotint
