#pragma once

namespace mezzotint {

/// "0.1.0": the release that this library belongs to.
const char* version();

}  // namespace mezzotint
