#pragma once

namespace mezzotint::ops {

/// Who computes: our kernels wherever they apply (CPU, float32), or plain LibTorch everywhere.
enum class Engine { kFast, kReference };

/// The engine that this thread's calls of ops take; kFast at the start. Gradients are computed by
/// the engine of their forward pass.
Engine engine();

/// Sets the calling thread's engine for as long as it lives, as c10::NoGradGuard does for
/// gradients.
class EngineGuard {
 public:
  explicit EngineGuard(Engine engine);
  ~EngineGuard();
  EngineGuard(const EngineGuard&) = delete;
  EngineGuard& operator=(const EngineGuard&) = delete;

 private:
  Engine before_;
};

}  // namespace mezzotint::ops
