#include "mezzotint/report/page_pace.h"

#include <algorithm>

namespace mezzotint {
/// From when on one page more, as dear as the last, stays within the share.
double PagePace::affordable_at() const { return (spent_ + cost_) / share_; }

bool PagePace::due(double now, bool event) const {
  return now >= affordable_at() && (event || now - last_ >= pause_);
}

void PagePace::wrote(double began, double ended) {
  cost_ = std::max(0.0, ended - began);
  spent_ += cost_;
  last_ = ended;
}

double PagePace::pause(double now) const { return std::max(pause_, affordable_at() - now); }

}  // namespace mezzotint
