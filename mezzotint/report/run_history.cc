#include "mezzotint/report/run_history.h"

namespace mezzotint {
namespace {

constexpr size_t kMostTraces = 200;  // a damaged file's names must not fill the memory
constexpr size_t kMostEvents = 30;

}  // namespace

void RunHistory::add(const Record& record) {
  if (record.at.micro_batch < position_.micro_batch) go_back(record.at);
  position_ = record.at;
  if (const double* number = record.number()) {
    if (traces_.size() < kMostTraces || traces_.contains(record.name))
      traces_[record.name].add(record.at, *number);
  } else if (record.image()) {
    images_at_[record.at.update] = record.at.images;
  } else if (record.text() && record.name != "checkpoint") {
    if (events_.size() == kMostEvents) events_.erase(events_.begin());
    events_.push_back({record.at, record.name, *record.text()});
  }
}

void RunHistory::go_back(const Position& to) {
  for (auto& [name, trace] : traces_) trace.drop_after(to.micro_batch);
  images_at_.erase(images_at_.upper_bound(to.update), images_at_.end());
}

void RunHistory::read(const std::filesystem::path& metrics) {
  if (std::filesystem::exists(metrics))
    bad_lines_ = for_each_good_record(metrics, [this](const Record& record) { add(record); });
}

const Trace* RunHistory::trace(const std::string& name) const {
  const auto found = traces_.find(name);
  return found == traces_.end() || found->second.count() == 0 ? nullptr : &found->second;
}

}  // namespace mezzotint
