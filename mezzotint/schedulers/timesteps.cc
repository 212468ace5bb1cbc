#include "mezzotint/schedulers/timesteps.h"

#include <algorithm>
#include <cmath>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

int64_t round_half_even(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

std::vector<int64_t> leading(int64_t train, int64_t count, int64_t offset) {
  std::vector<int64_t> steps;
  for (int64_t k = count - 1; k >= 0; --k) steps.push_back(k * (train / count) + offset);
  return steps;
}

std::vector<int64_t> trailing(int64_t train, int64_t count) {
  // numpy's arange adds multiples of the difference of its first two values, which rounding moves.
  const double first = static_cast<double>(train);
  const double second = first + -(first / static_cast<double>(count));
  const double difference = second - first;
  std::vector<int64_t> steps;
  steps.reserve(count);
  for (int64_t k = 0; k < count; ++k)
    steps.push_back(round_half_even(first + static_cast<double>(k) * difference) - 1);
  return steps;
}

std::vector<int64_t> linspace(int64_t train, int64_t count) {
  if (count == 1) return {0};
  const double step = static_cast<double>(train - 1) / static_cast<double>(count - 1);
  std::vector<int64_t> steps = {train - 1};
  for (int64_t k = count - 2; k >= 0; --k)
    steps.push_back(round_half_even(static_cast<double>(k) * step));
  return steps;
}

void check_custom(const std::vector<int64_t>& steps, int64_t train) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] < 0 || steps[i] >= train)
      fail_usage("timesteps: ", steps[i], " is out of range, wanted 0 to ", train - 1);
    if (i > 0 && steps[i] >= steps[i - 1])
      fail_usage("timesteps: ", steps[i], " follows ", steps[i - 1], ", wanted a descending list");
  }
}

void check_offset(const std::vector<int64_t>& steps, const TimestepRequest& request) {
  for (const int64_t t : {steps.front(), steps.back()})
    if (t < 0 || t >= request.num_train_timesteps)
      fail_usage("timesteps: steps_offset ", request.steps_offset, " with ",
                 counted(request.num_inference_steps, "step"), " gives the timestep ", t,
                 ", wanted 0 to ", request.num_train_timesteps - 1,
                 "; take fewer steps or another timestep_spacing");
}

}  // namespace

std::vector<int64_t> make_timesteps(const TimestepRequest& request) {
  const int64_t train = request.num_train_timesteps;
  const int64_t count = request.num_inference_steps;
  if (!request.custom.empty()) {
    if (count != 0) fail_usage("timesteps: got both a list and a number of steps, wanted one");
    check_custom(request.custom, train);
    return request.custom;
  }
  if (count < 0 || count > train)
    fail_usage("timesteps: got ", counted(count, "step"), ", wanted 1 to ", train,
               ", the number of timesteps that the model was trained on (num_train_timesteps)");
  if (count == 0) return leading(train, train, 0);
  if (request.spacing == "trailing") return trailing(train, count);
  if (request.spacing == "linspace") return linspace(train, count);
  MEZZO_CHECK(request.spacing == "leading", "timesteps: unknown timestep_spacing '",
              request.spacing, "'; known: leading, trailing, linspace");
  const std::vector<int64_t> steps = leading(train, count, request.steps_offset);
  check_offset(steps, request);
  return steps;
}

}  // namespace mezzotint
