#pragma once

#include <atomic>
#include <memory>

#include "mezzotint/base/error.h"

namespace mezzotint {

/// A flag that one thread (or a signal handler) raises and a loop reads at every step. Copies share
/// the flag.
class CancelToken {
 public:
  void cancel() noexcept { flag_->store(true, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return flag_->load(std::memory_order_relaxed); }
  /// @throws Error (kCancelled) once cancel() was called.
  void check() const {
    if (cancelled()) throw Error("cancelled", ErrorKind::kCancelled);
  }

 private:
  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace mezzotint
