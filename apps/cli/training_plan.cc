#include "apps/cli/training_plan.h"

#include <cmath>
#include <cstdio>

#include "mezzotint/base/counted.h"
#include "mezzotint/pipelines/cost.h"
#include "mezzotint/training/slices.h"
#include "mezzotint/training/train_state.h"

namespace mezzotint::cli {
namespace {

std::string millions(int64_t count) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f million", static_cast<double>(count) / 1e6);
  return text;
}

std::string network_line(const PreparedRun& run) {
  const Pipeline& pipeline = run.pipeline;
  const TransformConfig& transform = run.config.transform;
  const std::string classes =
      pipeline.class_count() > 0 ? ", " + counted(pipeline.class_count(), "class", "es") : "";
  const std::string origin = run.config.init.empty() ? "from scratch" : "from " + run.config.init;
  int64_t parameters = pipeline.unet->parameters().element_count();
  if (pipeline.class_conditional()) parameters += pipeline.class_emb.numel();
  return concat("network: ", millions(parameters), " parameters, pictures ", transform.width, "x",
                transform.height, "x", transform.channels, classes, ", ", origin);
}

std::string batches_line(const PreparedRun& run) {
  const TrainConfig& c = run.config.training;
  std::string line = concat("effective batch ", run.plan.effective_batch);
  if (c.grad_accumulation_steps > 1)
    line += concat(" (", c.grad_accumulation_steps, " micro-batches of ", c.batch_size,
                   ", gradients by ", c.accum_mode, ")");
  return concat(line, ": ", counted(run.plan.updates_per_epoch, "update"), " an epoch, ",
                run.plan.updates, " in all");
}

/// Adam's step doesn't depend on the size of the gradient, only on its noise: averaging N
/// micro-batches lets lr grow by about sqrt(N), and summing them changes next to nothing.
std::string lr_line(const TrainConfig& c) {
  std::string line = concat("learning rate ", c.lr, " (", c.optimizer, ", ", c.lr_schedule,
                            c.warmup > 0 ? concat(", warm-up ", counted(c.warmup, "update")) : "",
                            c.ema ? concat(", EMA ", c.ema_decay) : "", ")");
  if (c.grad_accumulation_steps > 1)
    line += concat("; if it was found without accumulation, try up to sqrt(",
                   c.grad_accumulation_steps, ") times it");
  return line;
}

/// About how much a step holds at its peak.
std::string memory_line(const PreparedRun& run) {
  const TrainConfig& c = run.config.training;
  const UNet2DModel& unet = *run.pipeline.unet;
  const int64_t height = run.config.transform.height, width = run.config.transform.width,
                at_once =
                    pictures_at_once(c.batch_size, slices_of(unet, c.batch_size, height, width));
  const auto megabytes = [&](bool checkpointing) {
    const TrainingMemory how = {
        .gradient_checkpointing = checkpointing,
        .all_gradients = c.max_grad_norm > 0 || c.grad_accumulation_steps > 1,
        .ema = c.ema};
    return std::llround(training_memory(unet, at_once, height, width, how) / 1e6);
  };
  const std::string about = concat("memory: about ", megabytes(c.gradient_checkpointing), " MB");
  return c.gradient_checkpointing
             ? about
             : concat(about, "; ", megabytes(true), " with --gradient-checkpointing");
}

}  // namespace

std::vector<std::string> plan_in_words(const PreparedRun& run, const Position& start) {
  std::vector<std::string> lines = {"data: " + run.dataset->describe(), network_line(run),
                                    batches_line(run), lr_line(run.config.training),
                                    memory_line(run)};
  if (start.micro_batch > 0)
    lines.push_back(concat("going on after update ", start.update, ", epoch ", start.epoch + 1));
  return lines;
}

}  // namespace mezzotint::cli
