#include "mezzotint/ops/engine.h"

#include <utility>

namespace mezzotint::ops {

static thread_local Engine current = Engine::kFast;

Engine engine() { return current; }

EngineGuard::EngineGuard(Engine engine) : before_(std::exchange(current, engine)) {}

EngineGuard::~EngineGuard() { current = before_; }

}  // namespace mezzotint::ops
