#include "mezzotint/data/loader.h"

#include <algorithm>
#include <atomic>
#include <set>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// Item i is a picture two pixels wide whose left pixel is i and whose label is i mod 3.
class Numbers : public Dataset {
 public:
  explicit Numbers(int64_t size, std::set<int64_t> damaged = {}, std::set<int64_t> tall = {})
      : size_(size), damaged_(std::move(damaged)), tall_(std::move(tall)) {}
  int64_t size() const override { return size_; }
  Example get(int64_t index) const override {
    ++reads;
    const std::string name = concat("number", index);
    if (damaged_.contains(index)) fail(name, ": damaged");
    const int height = tall_.contains(index) ? 2 : 1;
    Image image = {2, height, 1, std::vector<uint8_t>(2 * height, 255), {}, {}};
    for (int y = 0; y < height; ++y) image.pixels[2 * y] = static_cast<uint8_t>(index);
    return {image, index % 3, name};
  }
  const std::vector<std::string>& class_names() const override { return classes_; }
  std::string describe() const override { return "numbers"; }
  mutable std::atomic<int> reads = 0;

 private:
  int64_t size_;
  std::set<int64_t> damaged_, tall_;
  std::vector<std::string> classes_ = {"a", "b", "c"};
};

TransformConfig plain() {
  TransformConfig config;
  config.channels = 1;
  config.horizontal_flip = false;
  return config;
}

/// The numbers of the pictures in a batch, whichever way they are turned.
std::vector<int64_t> numbers_of(const Batch& batch) {
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < batch.x0_bchw.size(0); ++i) {
    const float least = batch.x0_bchw[i].min().item<float>();
    numbers.push_back(std::lround((least + 1) * 127.5f));
    EXPECT_EQ(batch.label_b[i].item<int64_t>(), numbers.back() % 3);
  }
  return numbers;
}

std::vector<int64_t> numbers_of_epoch(const Loader& loader, int64_t epoch) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < loader.batches_per_epoch(); ++i) {
    const std::vector<int64_t> some = numbers_of(loader.batch(epoch, i));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

TEST(Loader, EachEpochShowsEachPictureOnceInAnOrderOfItsOwn) {
  const Loader loader(std::make_shared<Numbers>(23), plain(), {.batch_size = 5});
  EXPECT_EQ(loader.batches_per_epoch(), 5);
  EXPECT_EQ(loader.batch(0, 4).x0_bchw.size(0), 3);
  std::vector<int64_t> first = numbers_of_epoch(loader, 0), second = numbers_of_epoch(loader, 1);
  EXPECT_NE(first, second);
  std::ranges::sort(first);
  std::ranges::sort(second);
  EXPECT_EQ(first, second);
  for (int64_t i = 0; i < 23; ++i) EXPECT_EQ(first[i], i);
}

TEST(Loader, WithoutShufflingTheOrderIsTheDataSets) {
  const Loader loader(std::make_shared<Numbers>(7), plain(),
                      {.batch_size = 3, .shuffle = false, .drop_last = true});
  EXPECT_EQ(loader.batches_per_epoch(), 2);
  EXPECT_EQ(numbers_of_epoch(loader, 3), (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Loader, ABatchDependsOnTheSeedAndItsPlaceOnly) {
  TransformConfig flipped = plain();
  flipped.horizontal_flip = true;
  const auto numbers = std::make_shared<Numbers>(40);
  const Loader going(numbers, flipped, {.batch_size = 8, .seed = 5});
  for (int64_t epoch = 0; epoch < 2; ++epoch)
    for (int64_t i = 0; i < 5; ++i) going.batch(epoch, i);
  const Loader resumed(numbers, flipped, {.batch_size = 8, .seed = 5, .cache_bytes = 0});
  EXPECT_TRUE(resumed.batch(1, 3).x0_bchw.equal(going.batch(1, 3).x0_bchw));
  const Loader other(numbers, flipped, {.batch_size = 8, .seed = 6});
  EXPECT_FALSE(other.batch(1, 3).x0_bchw.equal(going.batch(1, 3).x0_bchw));
}

TEST(Loader, FlipsDifferBetweenEpochs) {
  TransformConfig flipped = plain();
  flipped.horizontal_flip = true;
  const Loader loader(std::make_shared<Numbers>(64), flipped, {.batch_size = 64, .shuffle = false});
  const Tensor first = loader.batch(0, 0).x0_bchw, second = loader.batch(1, 0).x0_bchw;
  const int64_t differing = (first != second).any(3).sum().item<int64_t>();
  EXPECT_GT(differing, 12);
  EXPECT_LT(differing, 52);
}

TEST(Loader, ReadsEachPictureOnceWhileTheCacheHasRoom) {
  const auto numbers = std::make_shared<Numbers>(10);
  const Loader cached(numbers, plain(), {.batch_size = 4});
  for (int64_t epoch = 0; epoch < 3; ++epoch) numbers_of_epoch(cached, epoch);
  EXPECT_EQ(numbers->reads, 10);
  const Loader uncached(numbers, plain(), {.batch_size = 4, .cache_bytes = 0});
  for (int64_t epoch = 0; epoch < 3; ++epoch) numbers_of_epoch(uncached, epoch);
  EXPECT_EQ(numbers->reads, 40);
}

TEST(Loader, DamagedPicturesEndTheRunOrAreLeftOut) {
  const auto numbers = std::make_shared<Numbers>(6, std::set<int64_t>{1, 2, 3});
  const Loader strict(numbers, plain(), {.batch_size = 2, .shuffle = false});
  try {
    strict.batch(0, 0);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "number1: damaged; to leave out what is damaged, set on_damaged to skip");
  }
  const Loader lenient(numbers, plain(), {.batch_size = 2, .shuffle = false, .on_damaged = "skip"});
  EXPECT_TRUE(lenient.warnings().empty());
  EXPECT_EQ(numbers_of(lenient.batch(0, 0)), (std::vector<int64_t>{0}));
  EXPECT_EQ(numbers_of(lenient.batch(0, 1)), (std::vector<int64_t>{4}));  // stands in for 2 and 3
  EXPECT_EQ(lenient.warnings(),
            (std::vector<std::string>{"left out: number1: damaged", "left out: number2: damaged",
                                      "left out: number3: damaged"}));
}

TEST(Loader, SaysWhenNothingCanBeRead) {
  const Loader loader(std::make_shared<Numbers>(3, std::set<int64_t>{0, 1, 2}), plain(),
                      {.batch_size = 2, .on_damaged = "skip"});
  EXPECT_THROW(loader.batch(0, 0), Error);
}

TEST(Loader, NamesTwoPicturesOfDifferentSizes) {
  const auto numbers = std::make_shared<Numbers>(4, std::set<int64_t>{}, std::set<int64_t>{2});
  const Loader loader(numbers, plain(), {.batch_size = 4, .shuffle = false});
  try {
    loader.batch(0, 0);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "pictures of different sizes can't share a batch: number0 is 2 x 1, number2 is "
                 "2 x 2; give a width and height to bring them to");
  }
}

TEST(Loader, RefusesWrongOptions) {
  const auto numbers = std::make_shared<Numbers>(4);
  EXPECT_THROW(Loader(std::make_shared<Numbers>(0), plain(), {}), Error);
  EXPECT_THROW(Loader(numbers, plain(), {.batch_size = 0}), Error);
  EXPECT_THROW(Loader(numbers, plain(), {.batch_size = 5, .drop_last = true}), Error);
  EXPECT_THROW(Loader(numbers, plain(), {.on_damaged = "ignore"}), Error);
  const Loader loader(numbers, plain(), {});
  EXPECT_THROW(loader.batch(0, 1), Error);
  EXPECT_THROW(loader.batch(-1, 0), Error);
}

}  // namespace
}  // namespace mezzotint
