#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace mezzotint {

/// What happens when an object names a key twice.
enum class DuplicateKeys {
  kLastWins,  ///< as Python's json module does
  kRefused,
};

/// Parses JSON as Python's json module reads it: NaN, Infinity and -Infinity are numbers (diffusers
/// writes the last into scheduler configurations). Nesting is limited to 100 levels, so that a
/// hostile text can't overflow the stack.
/// @param where stands before line and column in errors: the file's name.
/// @throws Error "where:line:column: what is wrong".
nlohmann::json parse_json(std::string_view text, const std::string& where,
                          DuplicateKeys duplicates = DuplicateKeys::kLastWins);

/// Byte for byte what Python's `json.dumps(value, indent=2, sort_keys=True)` returns: sorted keys,
/// ASCII only, floats as `repr` writes them (1e-05, 0.0001, 1.0). @throws Error when a text isn't
/// UTF-8.
std::string format_json(const nlohmann::json& json);

/// A double as Python's `repr` writes it: the shortest digits that read back as the same value.
std::string python_repr(double value);

/// A JSON string with its quotes; characters beyond ASCII stay as they are. What serde_json and
/// safetensors write.
std::string json_string_utf8(std::string_view text);

}  // namespace mezzotint
