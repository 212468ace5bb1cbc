#include "mezzotint/data/hold_out.h"

#include <algorithm>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

/// Some items of another data set, in an order of its own.
class Subset : public Dataset {
 public:
  Subset(DatasetPtr whole, std::vector<int64_t> indices)
      : whole_(std::move(whole)), indices_(std::move(indices)) {}

  int64_t size() const override { return static_cast<int64_t>(indices_.size()); }
  Example get(int64_t index) const override {
    return whole_->get(indices_.at(static_cast<size_t>(index)));
  }
  const std::vector<std::string>& class_names() const override { return whole_->class_names(); }
  std::string describe() const override { return concat(size(), " of ", whole_->describe()); }
  int64_t held_bytes() const override { return whole_->held_bytes(); }
  std::vector<std::string> skipped() const override { return whole_->skipped(); }

 private:
  DatasetPtr whole_;
  std::vector<int64_t> indices_;
};

std::vector<int64_t> random_order(const Dataset& dataset, uint64_t seed) {
  const Tensor order = RandomStream(seed).randperm(dataset.size());
  const auto* first = order.const_data_ptr<int64_t>();
  return {first, first + dataset.size()};
}

}  // namespace

HeldOut hold_out(const DatasetPtr& dataset, int64_t count, uint64_t seed) {
  if (count >= dataset->size())
    fail_usage("the data has ", counted(dataset->size(), "picture"), ": can't hold out ", count,
               " of them and learn from others");
  const std::vector<int64_t> order = random_order(*dataset, seed);
  std::vector<int64_t> kept(order.begin() + count, order.end());
  std::ranges::sort(kept);
  return {std::make_shared<Subset>(dataset, std::move(kept)),
          std::make_shared<Subset>(dataset,
                                   std::vector<int64_t>(order.begin(), order.begin() + count))};
}

DatasetPtr random_part(const DatasetPtr& dataset, int64_t count, uint64_t seed) {
  std::vector<int64_t> order = random_order(*dataset, seed);
  order.resize(static_cast<size_t>(std::min(count, dataset->size())));
  return std::make_shared<Subset>(dataset, std::move(order));
}

}  // namespace mezzotint
