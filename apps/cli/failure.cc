#include "apps/cli/failure.h"

#include <new>

#include <c10/util/Exception.h>

#include <signal.h>

#include "mezzotint/base/error.h"

#include "apps/cli/console.h"
#include "apps/cli/signals.h"

namespace mezzotint::cli {
namespace {

/// LibTorch's message without its stack trace, in one line; running out of memory in words of ours.
std::string torch_message(const c10::Error& error) {
  std::string text = error.what_without_backtrace();
  if (text.find("not enough memory") != std::string::npos ||
      text.find("out of memory") != std::string::npos ||
      text.find("can't allocate memory") != std::string::npos)
    return "not enough memory; try a smaller --batch or size (" + text.substr(0, text.find('\n')) +
           ")";
  return "LibTorch: " + text.substr(0, text.find('\n'));
}

}  // namespace

int report_failure() {
  Console::draw("");
  try {
    throw;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kCancelled) {
      Console().say(std::string("mezzotint: ") + error.what());
      return 128 + (caught_signal() ? caught_signal() : SIGINT);
    }
    Console::error(error.what());
    if (error.kind() == ErrorKind::kUsage) return kExitUsage;
  } catch (const c10::Error& error) {
    Console::error(torch_message(error));
  } catch (const std::bad_alloc&) {
    Console::error("not enough memory; try a smaller --batch or size");
  } catch (const std::exception& error) {
    Console::error(error.what());
  }
  return kExitFailed;
}

}  // namespace mezzotint::cli
