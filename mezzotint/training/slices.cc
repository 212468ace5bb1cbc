#include "mezzotint/training/slices.h"

#include <algorithm>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>
#include <ATen/ops/cat.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/winograd_costs.h"

namespace mezzotint {
namespace {

/// Pixels of the smallest pictures of a slice: with fewer, the transforms of filters and the sums
/// of gradients, which each slice has of its own, would be felt.
constexpr int64_t kSmallestPixels = 784;

/// More numbers than this in the parameters, and the gradients of each thread would be felt in
/// memory.
constexpr int64_t kMostParameters = int64_t{16} << 20;

/// Never in place: autograd may give the same tensor for two parameters, as those of a sum.
void add_to(Tensor& sum, const Tensor& more) {
  if (more.defined()) sum = sum.defined() ? sum + more : more;
}

/// Sums of the gradients of some slices.
struct Gradients {
  void add(const std::vector<Tensor>& more) {
    sums.resize(more.size());
    for (size_t i = 0; i < more.size(); ++i) add_to(sums[i], more[i]);
  }
  std::vector<Tensor> sums;
};

/// The calling thread's settings of LibTorch and of our ops, to be those of another thread.
class Settings {
 public:
  class Guard {
   public:
    explicit Guard(const Settings& s) : state_(s.state_), engine_(s.engine_), costs_(s.costs_) {}

   private:
    at::ThreadLocalStateGuard state_;
    ops::EngineGuard engine_;
    ops::CostGuard costs_;
  };

 private:
  at::ThreadLocalState state_;
  ops::Engine engine_ = ops::engine();
  ops::CostSource costs_ = ops::winograd_cost_source();
};

}  // namespace

int64_t slices_of(const SlicedBatch& batch) {
  if (ops::engine() != ops::Engine::kFast || batch.parameters > kMostParameters ||
      batch.smallest_pixels == 0)
    return 1;
  const int64_t threads = at::get_num_threads(),
                in_slice = (kSmallestPixels + batch.smallest_pixels - 1) / batch.smallest_pixels,
                rounds = batch.pictures / (in_slice * threads);
  return rounds == 0 ? 1 : rounds * threads;
}

int64_t slices_of(const UNet2DModel& unet, int64_t pictures, int64_t height, int64_t width) {
  const bool on_cpu = unet.parameters().begin()->second.is_cpu();
  if (!on_cpu || unet.config().value("dropout", 0.0) > 0) return 1;
  const int64_t multiple = unet.size_multiple();
  const LoraAdapter& adapter = unet.adapter();
  return slices_of(
      {pictures, height / multiple * (width / multiple),
       adapter.empty() ? unet.parameters().element_count() : adapter.parameters().element_count()});
}

int64_t pictures_at_once(int64_t pictures, int64_t slices) {
  const int64_t in_slice = (pictures + slices - 1) / slices;
  return std::min(pictures, in_slice * at::get_num_threads());
}

Tensor backward_in_slices(const SliceLosses& losses_of, int64_t pictures, int64_t slices,
                          double scale, const Weights& parameters) {
  std::vector<Tensor> inputs;
  for (const auto& [key, parameter] : parameters)
    if (parameter.requires_grad()) inputs.push_back(parameter);
  const Settings settings;
  ops::winograd_costs();  // measured now, if at all, not by all threads at once
  const int64_t parts = std::min<int64_t>(at::get_num_threads(), slices);
  std::vector<Gradients> gradients(static_cast<size_t>(parts));
  std::vector<Tensor> losses(static_cast<size_t>(slices));
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    const Settings::Guard same(settings);
    // For this region only. Loops within it have one thread anyway, but oneDNN would plan for more,
    // and wait for them for ever.
#ifdef _OPENMP
    omp_set_num_threads(1);
#endif
    for (int64_t part = begin; part < end; ++part)
      for (int64_t slice = slices * part / parts; slice < slices * (part + 1) / parts; ++slice) {
        const int64_t first = pictures * slice / slices, last = pictures * (slice + 1) / slices;
        const Tensor of_slice = losses_of(first, last - first);
        gradients[static_cast<size_t>(part)].add(torch::autograd::grad(
            {of_slice.sum() * scale}, inputs, {}, /*retain_graph=*/false, /*create_graph=*/false,
            /*allow_unused=*/true));
        losses[static_cast<size_t>(slice)] = of_slice.detach();
      }
  });
  for (size_t part = 1; part < gradients.size(); ++part) gradients[0].add(gradients[part].sums);
  for (size_t i = 0; i < inputs.size(); ++i) add_to(inputs[i].mutable_grad(), gradients[0].sums[i]);
  return at::cat(losses);
}

}  // namespace mezzotint
