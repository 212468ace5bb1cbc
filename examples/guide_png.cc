// Steers sampling with a loss of one's own, a lambda: guide_png MODEL STEPS BRIGHTNESS OUT.png
// Makes four pictures as bright as wanted, 0 (black) to 1 (white).
#include <cstdlib>
#include <exception>
#include <iostream>

#include <mezzotint/guidance/guidance.h>
#include <mezzotint/io/image_tensor.h>
#include <mezzotint/pipelines/pipeline.h>
#include <mezzotint/pipelines/sampler.h>

using namespace mezzotint;

static void run(const char* model, int64_t steps, double brightness, const char* out) {
  const Pipeline pipeline = load_pipeline(find_model(model));
  const SchedulerPtr ddim = pipeline.scheduler("ddim", steps);

  // A loss is any callable: the clean pictures that the network predicts, [B, C, H, W] in [-1, 1],
  // and the timestep -> one number for each picture.
  const GuideLoss loss = [brightness](const Tensor& x0_bchw, double /*t*/) {
    const Tensor rgb = x0_bchw / 2 + 0.5;
    const Tensor luma =
        0.299 * rgb.select(1, 0) + 0.587 * rgb.select(1, 1) + 0.114 * rgb.select(1, 2);
    return (luma.mean({1, 2}) - brightness).square();
  };
  Guidance guidance;
  guidance.terms.push_back({.name = "brightness", .loss = loss, .scale = 100});

  GuidedOptions options;
  options.predict_for = [&](int64_t, int64_t) { return pipeline.predict(); };
  options.on_step = [](const GuidedStep& step) {
    std::cout << "step " << step.index << ": loss " << step.terms[0].loss_b.mean().item<double>()
              << "\n";
  };
  const Steer steer = guided(*ddim, guidance, options);

  const auto [height, width] = pipeline.unet->sample_size();
  const Tensor noise =
      NoiseSource::one(/*seed=*/0).draw({4, pipeline.image_channels(), height, width});
  const Tensor x = sample(steer, *ddim, noise, /*draw_noise=*/{});
  write_png(out, tensor_to_image(make_grid(x, /*columns=*/4)));
}

int main(int argc, char** argv) try {
  if (argc != 5) throw Error("usage: guide_png MODEL STEPS BRIGHTNESS OUT.png");
  run(argv[1], std::atoll(argv[2]), std::atof(argv[3]), argv[4]);
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
