#pragma once

#include <functional>
#include <string>

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// The two parts of `mezzotint data`: each declares its options and returns what runs it.
std::function<void(Context&)> declare_data_preview(CLI::App& app);
std::function<void(Context&)> declare_data_check(CLI::App& app);

/// DATA and --split, which both take.
void add_data_options(CLI::App& app, std::string& data, std::string& split);

}  // namespace mezzotint::cli
