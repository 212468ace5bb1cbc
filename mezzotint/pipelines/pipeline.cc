#include "mezzotint/pipelines/pipeline.h"

#include <algorithm>

#include "mezzotint/base/error.h"
#include "mezzotint/models/class_conditioned.h"

namespace mezzotint {
namespace {

/// A Fourier embedding takes the timestep's logarithm, so timestep 0 gives NaN in diffusers; said
/// here, before the steps that come first are computed.
void check_timesteps(const nlohmann::json& unet_config, const std::vector<double>& timesteps) {
  if (unet_config.value("time_embedding_type", "positional") != "fourier") return;
  const auto zero = std::find(timesteps.begin(), timesteps.end(), 0);
  MEZZO_CHECK(zero == timesteps.end(), "scheduler: step ", zero - timesteps.begin(),
              " is at timestep 0, and this model embeds the logarithm of the timestep "
              "(time_embedding_type fourier); steps_offset 1 in scheduler_config.json avoids it");
}

}  // namespace

int64_t Pipeline::image_channels() const {
  return unet->in_channels() - (class_conditional() ? class_emb.size(1) : 0);
}

int64_t Pipeline::class_count() const {
  if (class_conditional()) return class_emb.size(0) - (null_class ? 1 : 0);
  const nlohmann::json& config = unet->config();
  const auto found = config.find("num_class_embeds");
  return found != config.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

Predict Pipeline::predict(const Tensor& labels_b) const {
  const int64_t classes = class_count();
  if (classes == 0) {
    if (labels_b.defined()) fail_usage("labels: this pipeline takes none, it is unconditional");
    return unet->predict();
  }
  if (!labels_b.defined())
    fail_usage("labels: this pipeline is class-conditional and needs one of ", classes,
               " classes for each image");
  if (class_conditional()) return class_conditioned(unet->predict(), class_emb, labels_b);
  return unet->predict(labels_b);
}

std::string Pipeline::own_scheduler() const {
  if (class_name == "DDIMPipeline") return "DDIMScheduler";
  if (class_name == "PNDMPipeline") return "PNDMScheduler";
  return scheduler_config.value("_class_name", "DDPMScheduler");
}

SchedulerPtr Pipeline::scheduler(const std::string& name, int64_t steps,
                                 const StepOptions& options) const {
  const std::string chosen = name.empty() ? own_scheduler() : name;
  const int64_t count = steps > 0 ? steps : default_steps(chosen);
  SchedulerPtr plan = make_scheduler(chosen, scheduler_config, count, options);
  if (unet) check_timesteps(unet->config(), plan->timesteps());
  return plan;
}

int64_t Pipeline::default_steps(const std::string& scheduler) const {
  const int64_t all = scheduler_config.value("num_train_timesteps", int64_t{1000});
  return scheduler_class_name(scheduler.empty() ? own_scheduler() : scheduler) == "DDPMScheduler"
             ? all
             : std::min<int64_t>(50, all);
}

}  // namespace mezzotint
