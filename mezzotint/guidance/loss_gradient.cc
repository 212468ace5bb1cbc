#include "mezzotint/guidance/loss_gradient.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

std::string place(const GuidanceTerm& term, const GuidePoint& at) {
  return concat("guidance: loss ", term.name, " in step ", at.step, " (timestep ", at.timestep,
                ")");
}

Tensor value_of(const GuidanceTerm& term, const Tensor& x0, const GuidePoint& at) {
  MEZZO_CHECK(term.loss.value, "guidance: loss ", term.name, " is empty");
  Tensor loss_b = term.loss.value(x0, at);
  const auto wanted = [&] {
    return concat(", wanted one number for each picture, [", x0.size(0), "]");
  };
  MEZZO_CHECK(loss_b.defined(), place(term, at), ": gave nothing", wanted());
  MEZZO_CHECK(loss_b.dim() == 1 && loss_b.size(0) == x0.size(0), place(term, at), ": gave ",
              loss_b.sizes(), wanted());
  MEZZO_CHECK(loss_b.requires_grad(), place(term, at),
              ": doesn't depend on the picture; it has no gradient to follow");
  return loss_b;
}

void check_finite(const Tensor& values, const char* what, const GuidanceTerm& term,
                  const GuidePoint& at) {
  MEZZO_CHECK(values.isfinite().all().item<bool>(), place(term, at), ": ", what,
              " isn't finite; try a smaller scale, or a loss that is smooth there");
}

}  // namespace

LossGradient loss_gradient(const GuidanceTerm& term, const Tensor& x0_bchw, const GuidePoint& at) {
  MEZZO_CHECK(term.loss.repeats > 0, "guidance: loss ", term.name, " has ", term.loss.repeats,
              " repeats, wanted at least 1");
  const c10::AutoGradMode record(true);
  LossGradient sum;
  for (int64_t k = 0; k < term.loss.repeats; ++k) {
    GuidePoint here = at;
    here.repeat = k;
    const Tensor x0 = x0_bchw.detach().requires_grad_();
    const Tensor loss_b = value_of(term, x0, here);
    check_finite(loss_b, "its value", term, here);
    const Tensor gradient = torch::autograd::grad({loss_b.sum()}, {x0}, {}, std::nullopt, false,
                                                  /*allow_unused=*/true)[0];
    MEZZO_CHECK(gradient.defined(), place(term, here),
                ": doesn't depend on the picture; it has no gradient to follow");
    check_finite(gradient, "its gradient", term, here);
    const c10::AutoGradMode no_record(false);
    sum.loss_b = sum.loss_b.defined() ? sum.loss_b + loss_b.detach() : loss_b.detach();
    sum.x0 = sum.x0.defined() ? sum.x0 + gradient : gradient;
  }
  if (term.loss.repeats > 1) {
    sum.loss_b = sum.loss_b / term.loss.repeats;
    sum.x0 = sum.x0 / term.loss.repeats;
  }
  return sum;
}

}  // namespace mezzotint
