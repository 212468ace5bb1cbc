#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace mezzotint {

/// A text of a file in an error message: ASCII on one line, cut after 60 bytes.
inline std::string in_json_quotes(std::string_view text) {
  const bool cut = text.size() > 60;
  return nlohmann::json(text.substr(0, 60))
             .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) +
         (cut ? "..." : "");
}

}  // namespace mezzotint
