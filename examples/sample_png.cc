// Loads a pipeline, samples four pictures with DDIM, and saves them: sample_png MODEL STEPS OUT.png
// The loop stands here to show the three calls of a step; mezzotint::sample() is the same loop.
#include <cstdlib>
#include <exception>
#include <iostream>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>

#include <mezzotint/io/image_tensor.h>
#include <mezzotint/pipelines/pipeline.h>
#include <mezzotint/pipelines/sampler.h>

using namespace mezzotint;

static void run(const char* model, int64_t steps, const char* out) {
  const at::NoGradGuard no_gradients;
  const Pipeline pipeline = load_pipeline(find_model(model));
  const SchedulerPtr ddim = pipeline.scheduler("ddim", steps);
  const Predict predict = pipeline.predict();

  const auto [height, width] = pipeline.unet->sample_size();
  NoiseSource noise = NoiseSource::one(/*seed=*/0);
  const DrawNoise draw_noise = noise.drawing({4, pipeline.image_channels(), height, width});
  Tensor x = draw_noise() * ddim->init_noise_sigma();
  History history;
  for (size_t i = 0; i < ddim->timesteps().size(); ++i) {
    const Tensor input = ddim->scale_model_input(x, i);
    const Tensor output = predict(input, at::full({4}, ddim->timesteps()[i]));
    x = ddim->step(output, i, x, draw_noise, history).prev_sample;
  }
  write_png(out, tensor_to_image(make_grid(x, /*columns=*/4)));
}

int main(int argc, char** argv) try {
  if (argc != 4) throw Error("usage: sample_png MODEL STEPS OUT.png");
  run(argv[1], std::atoll(argv[2]), argv[3]);
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
