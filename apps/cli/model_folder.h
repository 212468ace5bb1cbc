#pragma once

#include <filesystem>
#include <string>

namespace mezzotint::cli {

/// MODEL of the command line as a folder: mezzotint::find_model() with, besides what the
/// environment names, the starter models of the source tree that this command was built in.
std::filesystem::path model_folder(const std::string& model);

}  // namespace mezzotint::cli
