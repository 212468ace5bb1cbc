#include "mezzotint/guidance/guidance.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/loss_gradient.h"
#include "mezzotint/schedulers/predict_at.h"

namespace mezzotint {
namespace {

/// A term that takes part in a step.
struct Active {
  const GuidanceTerm* term;
  double factor;  ///< of its schedule
  double weight() const { return term->scale * factor; }
};

/// Root mean square of each picture's values. [B, C, H, W] -> [B]
Tensor rms(const Tensor& x_bchw) { return x_bchw.square().mean({1, 2, 3}).sqrt(); }

Tensor for_each_image(const Tensor& factor_b) { return factor_b.view({-1, 1, 1, 1}); }

/// Share of a picture's x0 that was clamped: where the network's output has no say.
Tensor clamped_share(const Scheduler& scheduler, const Tensor& output, size_t i,
                     const Tensor& x_bchw) {
  const c10::AutoGradMode record(true);
  const Tensor leaf = output.detach().requires_grad_();
  const Tensor x0 = scheduler.pred_original_sample(leaf, i, x_bchw.detach());
  const Tensor slope = torch::autograd::grad({x0}, {leaf}, {at::ones_like(x0)})[0];
  return (slope.narrow(1, 0, x0.size(1)) == 0).to(at::kFloat).mean({1, 2, 3});
}

/// The first pictures of a batch, then the next: what one call of the network works on.
class Part {
 public:
  Part(const Scheduler& scheduler, const Guidance& guidance, const GuidedOptions& options, size_t i)
      : scheduler_(scheduler), guidance_(guidance), options_(options), i_(i) {
    at_.step = i;
    at_.steps = scheduler.timesteps().size();
    at_.timestep = scheduler.timesteps()[i];
  }

  Steered run(const Tensor& x_bchw, int64_t first, int64_t images, GuidanceMethod method,
              const std::vector<Active>& active, GuidedStep& report) {
    at_.first_image = first;
    const Predict predict = options_.predict_for(first, x_bchw.size(0));
    Tensor x, output, x0;
    {
      const c10::AutoGradMode record(true);
      x = x_bchw.detach().requires_grad_();
      {
        const c10::AutoGradMode through(method == GuidanceMethod::kModel);
        output = predict_at(predict, scheduler_, i_, x);
      }
      x0 = scheduler_.pred_original_sample(output, i_, x);
      MEZZO_CHECK(x0.requires_grad(), "guidance: the network predicts the clean picture itself, ",
                  "so with its output held fixed (method 1) nothing can move; take method 2");
    }
    const Tensor down = gradient(x0, images, active, report);
    const Tensor to_x = torch::autograd::grad({x0}, {x}, {down})[0];
    const Tensor move = bounded(-to_x, active);
    if (options_.on_step) {
      append(report.rms_b, rms(move));
      append(report.clamped_b, clamped_share(scheduler_, output, i_, x));
    }
    return {x.detach() + move, output.detach()};
  }

 private:
  static void append(Tensor& all, const Tensor& more) {
    all = all.defined() ? at::cat({all, more}) : more;
  }

  /// Of the weighted sum of all terms, in x0.
  Tensor gradient(const Tensor& x0, int64_t images, const std::vector<Active>& active,
                  GuidedStep& report) {
    Tensor sum;
    for (size_t k = 0; k < active.size(); ++k) {
      const LossGradient term = loss_gradient(*active[k].term, x0, at_);
      append(report.terms[k].loss_b, term.loss_b);
      const bool of_batch = active[k].term->norm == LossNorm::kBatch;
      const double weight = active[k].weight() / (of_batch ? static_cast<double>(images) : 1.0);
      sum = sum.defined() ? sum + term.x0 * weight : term.x0 * weight;
    }
    return sum;
  }

  /// The move, brought to a size where guidance asks for one.
  Tensor bounded(const Tensor& move, const std::vector<Active>& active) const {
    constexpr double kTiny = 1e-20;  // a picture without a gradient stays where it is
    Tensor out = move;
    if (guidance_.rms > 0) {
      double factor = 0;
      for (const Active& term : active) factor = std::max(factor, std::abs(term.factor));
      out = out * for_each_image(guidance_.rms * factor / rms(out).clamp_min(kTiny));
    }
    if (guidance_.max_rms > 0)
      out = out * for_each_image((guidance_.max_rms / rms(out).clamp_min(kTiny)).clamp_max(1));
    return out;
  }

  const Scheduler& scheduler_;
  const Guidance& guidance_;
  const GuidedOptions& options_;
  size_t i_;
  GuidePoint at_;
};

std::optional<GuidanceMethod> method_at(const Guidance& guidance, size_t i) {
  for (const MethodRange& range : guidance.methods)
    if (range.steps.contains(i)) return range.method;
  return std::nullopt;
}

std::vector<Active> active_at(const Guidance& guidance, const Scheduler& scheduler, size_t i) {
  std::vector<Active> active;
  for (const GuidanceTerm& term : guidance.terms) {
    if (!term.steps.contains(i)) continue;
    const double factor = term.schedule.factor(scheduler, i);
    if (factor != 0 && term.scale != 0) active.push_back({&term, factor});
  }
  return active;
}

class Guided {
 public:
  Guided(const Scheduler& scheduler, Guidance guidance, GuidedOptions options)
      : scheduler_(scheduler), guidance_(std::move(guidance)), options_(std::move(options)) {}

  Steered operator()(const Tensor& x_bchw, size_t i) const {
    GuidedStep report{.index = i,
                      .total = scheduler_.timesteps().size(),
                      .timestep = scheduler_.timesteps().at(i)};
    const std::optional<GuidanceMethod> method = method_at(guidance_, i);
    const std::vector<Active> active =
        method ? active_at(guidance_, scheduler_, i) : std::vector<Active>();
    report.method = method.value_or(GuidanceMethod::kSample);
    for (const Active& term : active) report.terms.push_back({term.term->name, term.weight(), {}});
    std::vector<Tensor> moved, outputs;
    const int64_t images = x_bchw.size(0);
    for (int64_t first = 0; first < images; first += options_.chunk) {
      options_.cancel.check();
      const Tensor x = x_bchw.narrow(0, first, std::min(options_.chunk, images - first));
      const Steered part = active.empty() ? plain(x, i, first)
                                          : Part(scheduler_, guidance_, options_, i)
                                                .run(x, first, images, *method, active, report);
      moved.push_back(part.x_bchw);
      outputs.push_back(part.output);
    }
    if (options_.on_step) {
      if (active.empty()) report.rms_b = at::zeros({images}, x_bchw.options());
      options_.on_step(report);
    }
    if (moved.size() == 1) return {moved[0], outputs[0]};
    return {at::cat(moved), at::cat(outputs)};
  }

 private:
  Steered plain(const Tensor& x, size_t i, int64_t first) const {
    return {x, predict_at(options_.predict_for(first, x.size(0)), scheduler_, i, x)};
  }

  const Scheduler& scheduler_;
  Guidance guidance_;
  GuidedOptions options_;
};

}  // namespace

Steer guided(const Scheduler& scheduler, Guidance guidance, GuidedOptions options) {
  MEZZO_CHECK(options.predict_for, "guided: there is no network");
  MEZZO_CHECK(options.chunk > 0, "guided: got ", options.chunk,
              " pictures at once, wanted 1 or more");
  MEZZO_CHECK(guidance.max_rms >= 0 && guidance.rms >= 0,
              "guided: a move's root mean square can't be less than 0");
  return Guided(scheduler, std::move(guidance), std::move(options));
}

std::vector<MethodRange> parse_methods(const std::string& text, const std::string& where) {
  std::vector<MethodRange> methods;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, comma - begin),
                      number = part.substr(0, part.find(':'));
    if (number != "1" && number != "2")
      fail_usage(
          where, ": got '", part,
          "', wanted 1 (the network's output held fixed) or 2 (through the network), perhaps "
          "for some steps: 2:0..9,1:10..");
    MethodRange range{number == "2" ? GuidanceMethod::kModel : GuidanceMethod::kSample, {}};
    if (number.size() < part.size())
      range.steps = parse_step_range(part.substr(number.size() + 1), where);
    methods.push_back(range);
    begin = comma + 1;
  }
  return methods;
}

}  // namespace mezzotint
