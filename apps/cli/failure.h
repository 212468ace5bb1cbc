#pragma once

#include <string>

namespace mezzotint::cli {

constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

struct Failure {
  int exit_code;
  std::string message;  ///< one line
};

/// To be called while an exception is handled: what it is.
Failure describe_failure();

/// To be called while an exception is handled: says in one line what it is, and returns the exit
/// code for it.
int report_failure();

}  // namespace mezzotint::cli
