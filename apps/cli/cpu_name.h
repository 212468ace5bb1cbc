#pragma once

#include <string>

namespace mezzotint::cli {

/// "AMD EPYC 9B14"; "unknown" where the system doesn't say.
std::string cpu_name();

/// Whether it has AVX-512, which virtual machines may hide under the same name.
bool cpu_has_avx512();

}  // namespace mezzotint::cli
