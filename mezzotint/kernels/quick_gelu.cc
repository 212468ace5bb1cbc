#include "mezzotint/kernels/quick_gelu.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mezzotint/kernels/quick_gelu.cc"
#include <hwy/foreach_target.h>  // compiles what follows once per instruction set

#include "mezzotint/kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mezzotint::kernels::HWY_NAMESPACE {
namespace {

constexpr float kSlope = 1.702f;

void QuickGelu(const float* x, size_t count, float* y) {
  const size_t lanes = hn::Lanes(Floats());
  for (size_t i = 0; i < count; i += lanes) {
    const size_t n = std::min(lanes, count - i);
    const V value = LoadPart(x + i, n);
    StorePart(hn::Mul(value, Sigmoid(hn::Mul(value, Constant(kSlope)))), y + i, n);
  }
}

// SiLU(1.702 x) / 1.702 is the same function, so its slope is that of SiLU at 1.702 x.
void QuickGeluBackward(const float* x, const float* grad_y, size_t count, float* grad_x) {
  const size_t lanes = hn::Lanes(Floats());
  for (size_t i = 0; i < count; i += lanes) {
    const size_t n = std::min(lanes, count - i);
    const V slope = SiluSlope(hn::Mul(LoadPart(x + i, n), Constant(kSlope)));
    StorePart(hn::Mul(LoadPart(grad_y + i, n), slope), grad_x + i, n);
  }
}

}  // namespace
}  // namespace mezzotint::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mezzotint::kernels {

HWY_EXPORT(QuickGelu);
HWY_EXPORT(QuickGeluBackward);

void quick_gelu(const float* x, size_t count, float* y) {
  HWY_DYNAMIC_DISPATCH(QuickGelu)(x, count, y);
}

void quick_gelu_backward(const float* x, const float* grad_y, size_t count, float* grad_x) {
  HWY_DYNAMIC_DISPATCH(QuickGeluBackward)(x, grad_y, count, grad_x);
}

}  // namespace mezzotint::kernels
#endif  // HWY_ONCE
