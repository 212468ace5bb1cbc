#pragma once

#include <string>

#include <c10/core/Device.h>

#include "apps/cli/subcommand.h"

namespace mezzotint::cli {

/// The device that --device names: "auto" is the first CUDA device where there is one, else the
/// CPU.
/// @throws Error (kUsage) for a name that isn't one, Error for a device that this build or machine
/// lacks.
c10::Device device_of(const std::string& name);

/// Sets the number of threads that operators use, and returns the device of these options. A verb
/// that computes calls it first.
c10::Device prepare_device(const GlobalOptions& options);

}  // namespace mezzotint::cli
