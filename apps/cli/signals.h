#pragma once

#include "mezzotint/base/cancel.h"

namespace mezzotint::cli {

/// From now on the first SIGINT, SIGTERM or SIGUSR1 (which batch systems send before they take a
/// machine away) or SIGHUP, unless that is ignored, raises `cancel`, and the second ends the
/// process at once (exit 130, 143, 138 or 129).
void stop_on_signals(const CancelToken& cancel);

/// The signal that came, or 0.
int caught_signal();

}  // namespace mezzotint::cli
