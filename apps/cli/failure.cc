#include "apps/cli/failure.h"

#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include <c10/util/Exception.h>

#include <signal.h>

#include "mezzotint/base/error.h"

#include "apps/cli/console.h"
#include "apps/cli/signals.h"

namespace mezzotint::cli {
namespace {

constexpr const char* kNoMemory =
    "not enough memory; try fewer pictures, a smaller --batch or size";

/// "you tried to allocate 120000000000 bytes" -> " (120000 MB were wanted at once)".
std::string wanted_memory(const std::string& text) {
  constexpr std::string_view kBefore = "tried to allocate ";
  const size_t at = text.find(kBefore);
  if (at == std::string::npos) return "";
  const double bytes = std::strtod(text.c_str() + at + kBefore.size(), nullptr);
  return bytes < 1e6 ? ""
                     : concat(" (", static_cast<int64_t>(bytes / 1e6), " MB were wanted at once)");
}

/// LibTorch's message without its stack trace, in one line; running out of memory in words of ours.
std::string torch_message(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  const std::string line = text.substr(0, text.find('\n'));
  for (const char* words : {"not enough memory", "out of memory", "can't allocate memory"})
    if (text.find(words) != std::string::npos) return kNoMemory + wanted_memory(line);
  return "LibTorch: " + line;
}

}  // namespace

Failure describe_failure() {
  try {
    throw;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kCancelled)
      return {128 + (caught_signal() ? caught_signal() : SIGINT), error.what()};
    return {error.kind() == ErrorKind::kUsage ? kExitUsage : kExitFailed, error.what()};
  } catch (const c10::Error& error) {
    return {kExitFailed, torch_message(error)};
  } catch (const std::bad_alloc&) {
    return {kExitFailed, kNoMemory};
  } catch (const std::exception& error) {
    return {kExitFailed, error.what()};
  }
}

int report_failure() {
  Console::draw("");
  const Failure failure = describe_failure();
  if (failure.exit_code > 128)
    Console().say("mezzotint: " + failure.message);
  else
    Console::error(failure.message);
  return failure.exit_code;
}

}  // namespace mezzotint::cli
