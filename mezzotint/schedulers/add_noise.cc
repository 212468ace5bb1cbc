#include "mezzotint/base/error.h"
#include "mezzotint/schedulers/scheduler.h"

namespace mezzotint {
namespace {

struct Roots {
  Tensor signal;  ///< sqrt(abar_t), [B, 1, 1, 1]
  Tensor noise;   ///< sqrt(1 - abar_t), [B, 1, 1, 1]
};

Roots roots_at(const char* where, const Tensor& alphas_cumprod, const Tensor& x0_bchw,
               const Tensor& noise_bchw, const Tensor& timesteps_b) {
  MEZZO_CHECK(x0_bchw.sizes() == noise_bchw.sizes(), where, ": x0 is ", x0_bchw.sizes(),
              ", noise is ", noise_bchw.sizes(), ", wanted the same shape");
  MEZZO_CHECK(
      x0_bchw.dim() >= 1 && timesteps_b.dim() == 1 && timesteps_b.size(0) == x0_bchw.size(0), where,
      ": timesteps are ", timesteps_b.sizes(), ", wanted one for each image of ", x0_bchw.sizes());
  const Tensor abar = alphas_cumprod.to(x0_bchw.device(), x0_bchw.scalar_type());
  const Tensor abar_b = abar.index_select(0, timesteps_b.to(x0_bchw.device()));
  std::vector<int64_t> shape(x0_bchw.dim(), 1);
  shape[0] = x0_bchw.size(0);
  return {abar_b.pow(0.5).view(shape), (1 - abar_b).pow(0.5).view(shape)};
}

}  // namespace

Tensor add_noise(const Tensor& alphas_cumprod, const Tensor& x0_bchw, const Tensor& noise_bchw,
                 const Tensor& timesteps_b) {
  const Roots root = roots_at("add_noise", alphas_cumprod, x0_bchw, noise_bchw, timesteps_b);
  return root.signal * x0_bchw + root.noise * noise_bchw;
}

Tensor velocity(const Tensor& alphas_cumprod, const Tensor& x0_bchw, const Tensor& noise_bchw,
                const Tensor& timesteps_b) {
  const Roots root = roots_at("velocity", alphas_cumprod, x0_bchw, noise_bchw, timesteps_b);
  return root.signal * noise_bchw - root.noise * x0_bchw;
}

}  // namespace mezzotint
