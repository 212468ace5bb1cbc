#include "mezzotint/training/slices.h"

#include <algorithm>
#include <atomic>

#include <ATen/Parallel.h>

#include <gtest/gtest.h>

#include "mezzotint/ops/engine.h"
#include "mezzotint/schedulers/scheduler.h"
#include "mezzotint/training/objective.h"
#include "mezzotint/training/train_state.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

/// A labelled batch, and the losses of any part of it.
struct Work {
  static constexpr int64_t kPictures = 11;
  Pipeline pipeline = tiny_pipeline(3);
  Weights parameters = trainable_parameters(pipeline);
  RandomStream stream{5};
  Tensor x0 = stream.rand({kPictures, 3, 8, 8}) * 2 - 1, noise = stream.randn({kPictures, 3, 8, 8}),
         timesteps = stream.randint(0, 1000, {kPictures}),
         labels = stream.randint(0, 3, {kPictures});
  Objective objective{make_scheduler("ddpm", pipeline.scheduler_config, 0)->alphas_cumprod()};

  Tensor losses(int64_t first, int64_t count) const {
    const auto cut = [&](const Tensor& x) { return x.narrow(0, first, count); };
    return denoising_errors(objective, pipeline.predict(cut(labels)),
                            {cut(x0), cut(noise), cut(timesteps), {}});
  }
  SliceLosses of_slice() const {
    return [this](int64_t first, int64_t count) { return losses(first, count); };
  }
  std::vector<Tensor> take_gradients() {
    std::vector<Tensor> taken;
    for (const auto& [key, parameter] : parameters) {
      taken.push_back(parameter.grad());
      parameter.mutable_grad() = Tensor();
    }
    return taken;
  }
};

/// To within 1e-5 of the largest of all: some are zero but for rounding.
void expect_close(const std::vector<Tensor>& got, const std::vector<Tensor>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  double largest = 0;
  for (const Tensor& gradient : wanted)
    largest = std::max(largest, gradient.abs().max().item<double>());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_LE((got[i] - wanted[i]).abs().max().item<double>(), 1e-5 * largest) << "parameter " << i;
}

TEST(Slices, GiveTheLossesAndGradientsOfTheWholeBatch) {
  Work work;
  const Tensor losses = work.losses(0, Work::kPictures);
  losses.mean().backward();
  const std::vector<Tensor> wanted = work.take_gradients();
  for (const int64_t slices : {2, 3, 11}) {
    const Tensor got = backward_in_slices(work.of_slice(), Work::kPictures, slices,
                                          1.0 / Work::kPictures, work.parameters);
    EXPECT_TRUE(got.allclose(losses.detach(), 1e-5, 1e-6)) << slices << " slices";
    EXPECT_FALSE(got.requires_grad());
    expect_close(work.take_gradients(), wanted);
  }
}

TEST(Slices, ParametersThatShareAGradientGetItOnceEach) {
  const Tensor x = RandomStream(7).randn({12, 3});
  const auto leaf = [] { return RandomStream(8).randn({3}).requires_grad_(); };
  Weights parameters;
  parameters.set("a", leaf());
  parameters.set("b", leaf());
  const SliceLosses of_slice = [&](int64_t first, int64_t count) {
    const Tensor sum = parameters.at("a") + parameters.at("b");
    return (x.narrow(0, first, count) * sum).sum(1);
  };
  backward_in_slices(of_slice, 12, 12, 1.0, parameters);
  for (const auto& [key, parameter] : parameters)
    EXPECT_TRUE(parameter.grad().allclose(x.sum(0), 1e-5, 1e-5)) << key;
}

TEST(Slices, AddToGradientsThatAreThere) {
  Work work;
  const auto backward = [&] {
    backward_in_slices(work.of_slice(), Work::kPictures, 4, 0.5, work.parameters);
  };
  backward();
  const std::vector<Tensor> once = work.take_gradients();
  backward();
  backward();
  std::vector<Tensor> halves = work.take_gradients();
  for (Tensor& gradient : halves) gradient = gradient / 2;
  expect_close(halves, once);
}

TEST(Slices, TheSameBitsEveryTime) {
  Work work;
  const auto backward = [&] {
    backward_in_slices(work.of_slice(), Work::kPictures, 5, 1.0, work.parameters);
    return work.take_gradients();
  };
  const std::vector<Tensor> first = backward(), second = backward();
  for (size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].equal(second[i]));
}

TEST(Slices, TakeTheEngineOfTheCallerAndLeaveItsThreads) {
  Work work;
  const int threads = at::get_num_threads();
  const ops::EngineGuard reference(ops::Engine::kReference);
  std::atomic<int> others = 0;
  const SliceLosses of_slice = [&](int64_t first, int64_t count) {
    if (ops::engine() != ops::Engine::kReference) ++others;
    return work.losses(first, count);
  };
  backward_in_slices(of_slice, Work::kPictures, 4, 1.0, work.parameters);
  EXPECT_EQ(others, 0);
  EXPECT_EQ(at::get_num_threads(), threads);
}

TEST(Slices, AnErrorInOneOfThemIsTheCallers) {
  Work work;
  const SliceLosses of_slice = [&](int64_t first, int64_t count) -> Tensor {
    if (first > 5) fail("a picture too many");
    return work.losses(first, count);
  };
  EXPECT_EQ(
      error_of([&] { backward_in_slices(of_slice, Work::kPictures, 4, 1.0, work.parameters); }),
      "a picture too many");
}

TEST(Slices, ManyPixelsAndFewParametersAreCut) {
  const int64_t threads = at::get_num_threads();
  EXPECT_EQ(slices_of({16 * threads, 49, 1000}), threads);
  EXPECT_EQ(slices_of({48 * threads, 49, 1000}), 3 * threads);
  EXPECT_EQ(slices_of({16 * threads - 1, 49, 1000}), 1) << "a thread without work";
  EXPECT_EQ(slices_of({4, 16, 1000}), 1) << "smallest pictures of 4 x 4";
  EXPECT_EQ(slices_of({64 * threads, 49, 100 << 20}), 1) << "large gradients";
  EXPECT_EQ(pictures_at_once(48 * threads, 3 * threads), 16 * threads);
  EXPECT_EQ(pictures_at_once(5, 1), 5);
  const ops::EngineGuard reference(ops::Engine::kReference);
  EXPECT_EQ(slices_of({64 * threads, 49, 1000}), 1);
}

/// A whole run of a batch that is cut, against one of the same batch in micro-batches that aren't.
TEST(Slices, ARunLearnsAsWithoutThem) {
  const int64_t pictures = 98 * at::get_num_threads(), parts = 7;
  RandomStream stream(6);
  const Tensor x0 = stream.rand({pictures, 3, 8, 8}) * 2 - 1;
  ASSERT_GT(slices_of(*tiny_pipeline(0).unet, pictures, 8, 8), 1);
  TrainConfig config = tiny_recipe();
  config.grad_accumulation_steps = 1;
  config.num_epochs = 1;
  config.max_train_steps = 1;
  config.lr_schedule = "constant";
  config.warmup = 0;
  const auto kept = std::make_shared<Kept>();
  TrainOptions options = tiny_options(config);
  options.config.log_every = 1;
  options.loggers = {kept};
  const Pipeline pipeline = tiny_pipeline(0);
  train(pipeline, {1, [&](int64_t, int64_t) { return Batch{x0, {}}; }}, options);

  const Pipeline other = tiny_pipeline(0);
  const Weights parameters = trainable_parameters(other);
  RandomStream noises(stream_seed(kSeed, "noise")), timesteps(stream_seed(kSeed, "timesteps"));
  const Tensor noise = noises.randn(x0.sizes()), t = timesteps.randint(0, 1000, {pictures});
  const Objective objective{make_scheduler("ddpm", other.scheduler_config, 0)->alphas_cumprod()};
  double loss = 0;
  for (int64_t i = 0; i < parts; ++i) {
    const auto cut = [&](const Tensor& x) {
      return x.narrow(0, i * pictures / parts, pictures / parts);
    };
    const Tensor part =
        denoising_errors(objective, other.predict(), {cut(x0), cut(noise), cut(t), {}}).mean() /
        parts;
    part.backward();
    loss += part.item<double>();
  }
  EXPECT_NEAR(kept->numbers("loss").at(0), loss, 1e-5 * loss);
  EXPECT_NEAR(kept->numbers("grad_norm").at(0), gradient_norm(parameters),
              1e-4 * gradient_norm(parameters));
}

}  // namespace
}  // namespace mezzotint
