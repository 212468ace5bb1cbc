#pragma once

#include <string>

namespace mezzotint {

/// Renames the identifiers that Cairo gives (glyph0-1, surface5, clip2, counted through the whole
/// process) to ones that follow from the picture alone: the same drawing gives the same bytes, and
/// two pictures don't share identifiers.
std::string with_own_identifiers(const std::string& svg);

}  // namespace mezzotint
