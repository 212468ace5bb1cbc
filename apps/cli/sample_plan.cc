#include "apps/cli/sample_plan.h"

#include <algorithm>
#include <utility>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/io/safetensors.h"

#include "apps/cli/labels.h"
#include "apps/cli/seeds.h"

namespace mezzotint::cli {
namespace {

/// The number of pictures that -n, --labels, --seeds and the noise agree on.
int64_t agreed_count(const SampleRequest& request, const SamplePlan& plan,
                     const Pipeline& pipeline) {
  struct Wish {
    const char* option;
    size_t count;
  };
  const Wish wishes[] = {{"-n", static_cast<size_t>(request.count)},
                         {"--labels", plan.labels.size() == 1 ? 0 : plan.labels.size()},
                         {"--seeds", plan.seeds.size()},
                         {"--init-noise", plan.noise.defined() ? plan.noise.size(0) : size_t{0}}};
  const Wish* first = nullptr;
  for (const Wish& wish : wishes) {
    if (wish.count == 0) continue;
    if (first && first->count != wish.count)
      fail_usage(first->option, " asks for ", counted(first->count, "picture"), " but ",
                 wish.option, " for ", wish.count);
    if (!first) first = &wish;
  }
  if (first) return static_cast<int64_t>(first->count);
  return plan.labels.empty() ? std::max<int64_t>(1, pipeline.class_count()) : 1;
}

Tensor read_noise(const std::string& path, int64_t channels) {
  const Weights weights = read_safetensors(path).weights;
  if (!weights.contains("noise")) fail(path, ": has no tensor 'noise'");
  const Tensor noise = weights.at("noise").to(at::kFloat);
  MEZZO_CHECK(noise.dim() == 4 && noise.size(1) == channels && noise.numel() > 0, path,
              ": 'noise' is ", noise.sizes(), ", wanted [pictures, ", channels, ", height, width]");
  return noise;
}

std::pair<int64_t, int64_t> picture_size(const SampleRequest& request, const Pipeline& pipeline) {
  auto [height, width] = pipeline.unet->sample_size();
  if (request.height > 0) height = request.height;
  if (request.width > 0) width = request.width;
  if (height <= 0 || width <= 0)
    fail_usage("the model doesn't say how large its pictures are; give --height and --width");
  return {height, width};
}

/// As many columns as a class has pictures, when all have the same number; else a pleasant number.
int64_t columns_of(int64_t wanted, const std::vector<int64_t>& labels, int64_t count) {
  if (wanted > 0) return std::min(wanted, count);
  int64_t run = 1;
  while (run < static_cast<int64_t>(labels.size()) && labels[run] == labels[0]) ++run;
  if (run > 1 && run < count && count % run == 0) return run;
  return count <= 4 ? count : count <= 16 && labels.empty() ? 4 : std::min<int64_t>(count, 10);
}

}  // namespace

SamplePlan make_plan(const SampleRequest& request, const GlobalOptions& global,
                     const Pipeline& pipeline) {
  SamplePlan plan{.source = NoiseSource::one(global.seed)};
  const int64_t classes = pipeline.class_count();
  if (!request.labels.empty()) {
    if (classes == 0) fail_usage("--labels: this model has no classes");
    plan.labels = labels_of(request.labels, pipeline);
  }
  if (!request.seeds.empty()) {
    if (global.seed_given) fail_usage("--seed and --seeds exclude each other");
    plan.seeds = seeds_of(request.seeds, "--seeds");
    plan.source = NoiseSource::per_image(plan.seeds);
  }
  if (!request.init_noise.empty())
    plan.noise = read_noise(request.init_noise, pipeline.image_channels());
  const int64_t count = agreed_count(request, plan, pipeline);
  if (plan.labels.size() == 1) plan.labels.resize(static_cast<size_t>(count), plan.labels[0]);
  if (plan.labels.empty() && classes > 0)
    for (int64_t i = 0; i < count; ++i) plan.labels.push_back(i % classes);
  if (!plan.noise.defined()) {
    const auto [height, width] = picture_size(request, pipeline);
    plan.noise = plan.source.draw({count, pipeline.image_channels(), height, width});
  }
  plan.columns = columns_of(request.columns, plan.labels, count);
  return plan;
}

}  // namespace mezzotint::cli
