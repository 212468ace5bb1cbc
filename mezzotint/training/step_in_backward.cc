#include "mezzotint/training/step_in_backward.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

namespace mezzotint {

struct StepInBackward::Update {
  Optimizer& optimizer;
  UpdateTerms terms;
  std::set<std::string> done;
  double sum_of_squares = 0.0;

  void gradient_is_whole(const std::string& key, const Tensor& parameter) {
    // A parameter that the pass reaches on two ways would be updated with half its gradient.
    MEZZO_CHECK(done.insert(key).second, "training: ", key,
                " got gradients twice in one backward pass");
    const Tensor& gradient = parameter.grad();
    const double norm = ops::norm({&gradient, 1});
    sum_of_squares += norm * norm;
    if (!std::isfinite(sum_of_squares)) return;
    optimizer.step_one(key, terms);
    parameter.mutable_grad() = Tensor();
  }
};

class StepInBackward::Hook : public torch::autograd::PostAccumulateGradHook {
 public:
  Hook(std::shared_ptr<Update> update, std::string key)
      : update_(std::move(update)), key_(std::move(key)) {}
  void operator()(const Tensor& parameter) override { update_->gradient_is_whole(key_, parameter); }

 private:
  std::shared_ptr<Update> update_;
  std::string key_;
};

StepInBackward::StepInBackward(Optimizer& optimizer, const UpdateTerms& terms)
    : update_(std::make_shared<Update>(Update{optimizer, terms, {}})) {
  if (terms.ema) terms.ema->begin_update();
  for (const auto& [key, parameter] : optimizer.parameters())
    torch::autograd::impl::set_post_acc_grad_hooks(parameter, std::make_unique<Hook>(update_, key));
}

StepInBackward::~StepInBackward() {
  for (const auto& [key, parameter] : update_->optimizer.parameters())
    torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
}

double StepInBackward::finish() {
  const double norm = std::sqrt(update_->sum_of_squares);
  if (!std::isfinite(norm) || !update_->terms.ema) return norm;
  for (const auto& [key, parameter] : update_->optimizer.parameters())
    if (!update_->done.contains(key)) update_->terms.ema->take_in(key, parameter);
  return norm;
}

bool StepInBackward::possible(const Weights& parameters) {
  return std::ranges::all_of(parameters,
                             [](const Weights::Item& item) { return item.second.is_cpu(); });
}

}  // namespace mezzotint
