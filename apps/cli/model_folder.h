#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mezzotint::cli {

/// MODEL of the command line as a folder: mezzotint::find_model() with, besides what the
/// environment names, the starter models of the source tree that this command was built in.
std::filesystem::path model_folder(const std::string& model);

/// Names of the starter models that model_folder() finds.
std::vector<std::string> starter_models();

/// What --help says of MODEL.
constexpr const char* kModelHelp = "a folder or run, a starter model's name or a hub id";
constexpr const char* kVariantHelp =
    "weight files to load: fp16, non_ema, ...; default the plain ones";

}  // namespace mezzotint::cli
