#include "mezzotint/guidance/make_term.h"

#include <cmath>

#include "mezzotint/guidance/loss_kind.h"

namespace mezzotint {

GuidanceTerm make_term(const std::string& text, const LossResources& resources,
                       const TermDefaults& defaults) {
  const LossSpec spec = parse_loss_spec(text);
  const LossKind& kind = Registry<LossKind>::at("loss", spec.kind);
  const std::string where = "loss " + spec.kind;
  GuidanceTerm term;
  term.name = spec.argument ? spec.kind + ":" + *spec.argument : spec.kind;
  term.scale = spec.term.scale.value_or(kind.scale);
  if (!std::isfinite(term.scale))
    fail_usage(where, ": scale: got ", term.scale, ", wanted a finite number");
  term.norm = spec.term.norm == "batch" ? LossNorm::kBatch : LossNorm::kImage;
  term.schedule =
      parse_guidance_schedule(spec.term.schedule.empty() ? defaults.schedule : spec.term.schedule,
                              spec.term.index.empty() ? defaults.index : spec.term.index, where);
  term.steps = parse_step_range(spec.term.steps, where + ": steps");
  term.loss = kind.make(spec, resources);
  return term;
}

}  // namespace mezzotint
