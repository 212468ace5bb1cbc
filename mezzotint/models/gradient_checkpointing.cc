#include "mezzotint/models/gradient_checkpointing.h"

#include <algorithm>
#include <utility>

#include <ATen/core/ivalue.h>
#include <ATen/ops/alias.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/autograd/variable.h>

#include "mezzotint/ops/engine.h"
#include "mezzotint/ops/moments.h"

namespace mezzotint {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Edge;
using torch::autograd::edge_list;
using torch::autograd::Engine;
using torch::autograd::variable_list;
using torch::autograd::impl::gradient_edge;

/// How a segment is run again as it was run first. The graph holds it.
struct Replay : torch::CustomClassHolder {
  Segment segment;
  ForwardContext context;  ///< without the time embedding, which is one of the variables
  size_t inputs = 0;       ///< variables: the inputs, the time embedding, the parameters
  ops::Engine engine = ops::engine();
  Tensor dropout_state;         ///< of the stream, before the segment drew from it
  std::vector<Tensor> moments;  ///< noted of the inputs, lest those of a rerun be rounded otherwise

  Tensor run(const Tensor* variables) const {
    ForwardContext now = context;
    now.activated_temb_be = variables[inputs];
    return segment({variables, variables + inputs}, now);
  }

  /// Runs it again. @return the end of its graph; the output itself, which nobody needs, is gone.
  Edge graph(const Tensor* variables) {
    const ops::EngineGuard same(engine);
    const ops::MomentsGuard notes;
    const c10::AutoGradMode record(true);
    for (size_t i = 0; i < inputs; ++i) ops::note_moments(variables[i], moments[i]);
    if (context.dropout) {
      context.dropout.emplace(0);  // a stream of its own: the network's has gone on
      context.dropout->set_state(dropout_state);
    }
    return gradient_edge(run(variables));
  }
};

using ReplayPtr = c10::intrusive_ptr<Replay>;

struct Recompute : torch::autograd::Function<Recompute> {
  static Tensor forward(AutogradContext* ctx, const ReplayPtr& replay, at::TensorList variables) {
    ctx->save_for_backward(variables.vec());
    ctx->saved_data["replay"] = c10::IValue::make_capsule(replay);
    Tensor y = replay->run(variables.data());
    for (size_t i = 0; i < replay->inputs; ++i)
      replay->moments.push_back(ops::noted_moments(variables[i]));
    return y;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const auto replay =
        c10::static_intrusive_pointer_cast<Replay>(ctx->saved_data["replay"].toCapsule());
    variable_list variables = ctx->get_saved_variables();
    // The graph of the segment ends at its inputs; parameters are leaves as they are.
    for (size_t i = 0; i <= replay->inputs; ++i)
      variables[i] = variables[i].detach().requires_grad_(ctx->needs_input_grad(i));
    edge_list wanted;
    for (size_t i = 0; i < variables.size(); ++i)
      if (ctx->needs_input_grad(i)) wanted.push_back(gradient_edge(variables[i]));
    variable_list found = Engine::get_default_engine().execute(
        {replay->graph(variables.data())}, grads, /*keep_graph=*/false, /*create_graph=*/false,
        /*accumulate_grad=*/false, wanted);
    variable_list all(1 + variables.size());  // the first is the replay's, which has none
    for (size_t i = 0, next = 0; i < variables.size(); ++i)
      if (ctx->needs_input_grad(i)) all[i + 1] = std::move(found[next++]);
    return all;
  }
};

bool learns(const Tensor& x) { return x.requires_grad(); }

}  // namespace

Tensor checkpointed(const Segment& segment, const std::vector<Tensor>& parameters,
                    std::vector<Tensor> inputs, const ForwardContext& context) {
  const bool recorded = c10::GradMode::is_enabled() && (std::ranges::any_of(inputs, learns) ||
                                                        std::ranges::any_of(parameters, learns) ||
                                                        learns(context.activated_temb_be));
  if (!recorded) return segment(std::move(inputs), context);
  if (!context.checkpointing) {
    // An input's gradients from within the segment are added up before those from elsewhere, as
    // they are when the segment runs again: the sums are rounded alike.
    std::vector<Tensor> within;
    for (const Tensor& input : inputs) within.push_back(at::alias(input));
    return segment(std::move(within), context);
  }
  auto replay = c10::make_intrusive<Replay>();
  replay->segment = segment;
  replay->context = context;
  replay->context.activated_temb_be = Tensor();
  replay->inputs = inputs.size();
  if (context.dropout) replay->dropout_state = context.dropout->state();
  std::vector<Tensor> variables = std::move(inputs);
  variables.push_back(context.activated_temb_be);
  variables.insert(variables.end(), parameters.begin(), parameters.end());
  return Recompute::apply(replay, at::TensorList(variables));
}

}  // namespace mezzotint
