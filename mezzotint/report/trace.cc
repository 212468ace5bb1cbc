#include "mezzotint/report/trace.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace mezzotint {
namespace {

constexpr size_t kMostPoints = 2000;

double mean_of(std::span<const Trace::Point> points) {
  double sum = 0;
  for (const Trace::Point& point : points) sum += point.value;
  return sum / static_cast<double>(points.size());
}

size_t tenth(const std::vector<Trace::Point>& points) {
  return std::max<size_t>(1, points.size() / 10);
}

}  // namespace

void Trace::add(const Position& at, double value) {
  if (!std::isfinite(value)) return;
  if (sums_.empty() || sums_.back().count == width_) {
    if (sums_.size() == kMostPoints) merge_pairs();
    sums_.emplace_back();
  }
  Sum& sum = sums_.back();
  sum.total.micro_batch += static_cast<double>(at.micro_batch);
  sum.total.update += static_cast<double>(at.update);
  sum.total.images += static_cast<double>(at.images);
  sum.total.value += value;
  sum.last = at.micro_batch;
  ++sum.count;
  ++count_;
}

void Trace::merge_pairs() {
  for (size_t i = 0; i < kMostPoints / 2; ++i) {
    Sum pair = sums_[2 * i];
    const Sum& second = sums_[2 * i + 1];
    pair.total.micro_batch += second.total.micro_batch;
    pair.total.update += second.total.update;
    pair.total.images += second.total.images;
    pair.total.value += second.total.value;
    pair.count += second.count;
    pair.last = second.last;
    sums_[i] = pair;
  }
  sums_.resize(kMostPoints / 2);
  width_ *= 2;
}

void Trace::drop_after(int64_t micro_batch) {
  while (!sums_.empty() && sums_.back().last > micro_batch) {
    count_ -= sums_.back().count;
    sums_.pop_back();
  }
}

std::vector<Trace::Point> Trace::points() const {
  std::vector<Point> means;
  means.reserve(sums_.size());
  for (const Sum& sum : sums_) {
    const auto n = static_cast<double>(sum.count);
    means.push_back({.micro_batch = sum.total.micro_batch / n,
                     .update = sum.total.update / n,
                     .images = sum.total.images / n,
                     .value = sum.total.value / n});
  }
  return means;
}

double first_tenth_mean(const std::vector<Trace::Point>& points) {
  return mean_of(std::span(points).first(tenth(points)));
}

double last_tenth_mean(const std::vector<Trace::Point>& points) {
  return mean_of(std::span(points).last(tenth(points)));
}

}  // namespace mezzotint
