#include "mezzotint/data/hold_out.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// `size` items named by their number.
class Numbers : public Dataset {
 public:
  explicit Numbers(int64_t size) : size_(size) {}
  int64_t size() const override { return size_; }
  Example get(int64_t index) const override {
    Example example;
    example.name = std::to_string(index);
    return example;
  }
  const std::vector<std::string>& class_names() const override { return none_; }
  std::string describe() const override { return "numbers"; }

 private:
  int64_t size_;
  std::vector<std::string> none_;
};

std::vector<int64_t> numbers_in(const Dataset& dataset) {
  std::vector<int64_t> found;
  for (int64_t i = 0; i < dataset.size(); ++i) found.push_back(std::stoll(dataset.get(i).name));
  return found;
}

TEST(HoldOut, SplitsWithoutOverlap) {
  const HeldOut parts = hold_out(std::make_shared<Numbers>(20), 6, 3);
  const std::vector<int64_t> kept = numbers_in(*parts.kept), held = numbers_in(*parts.held_out);
  EXPECT_EQ(kept.size(), 14u);
  EXPECT_EQ(held.size(), 6u);
  EXPECT_TRUE(std::ranges::is_sorted(kept));
  std::set<int64_t> all(kept.begin(), kept.end());
  all.insert(held.begin(), held.end());
  EXPECT_EQ(all.size(), 20u);
  EXPECT_EQ(parts.kept->describe(), "14 of numbers");
}

TEST(HoldOut, TheSeedDecides) {
  const auto held = [](uint64_t seed) {
    return numbers_in(*hold_out(std::make_shared<Numbers>(50), 10, seed).held_out);
  };
  EXPECT_EQ(held(1), held(1));
  EXPECT_NE(held(1), held(2));
}

TEST(HoldOut, SomethingMustBeLeft) {
  EXPECT_THROW(hold_out(std::make_shared<Numbers>(5), 5, 0), Error);
}

TEST(RandomPart, TakesAllWhenThereAreFewer) {
  const std::vector<int64_t> some = numbers_in(*random_part(std::make_shared<Numbers>(9), 4, 0)),
                             all = numbers_in(*random_part(std::make_shared<Numbers>(9), 40, 0));
  EXPECT_EQ(some.size(), 4u);
  EXPECT_EQ(std::set<int64_t>(all.begin(), all.end()).size(), 9u);
}

}  // namespace
}  // namespace mezzotint
