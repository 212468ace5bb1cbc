#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mezzotint::cli {

/// A seed, 0 to 2^64 - 1. @throws Error (kUsage) that names `where`.
uint64_t seed_of(const std::string& text, const std::string& where);

/// "0..7" (both ends count), "3,1,4" or both: "0..3,10". @throws Error (kUsage).
std::vector<uint64_t> seeds_of(const std::string& text, const std::string& where);

}  // namespace mezzotint::cli
