#include "mezzotint/training/histogram_of.h"

#include <limits>
#include <numeric>

#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/base/random.h"
#include "mezzotint/base/tensor.h"

namespace mezzotint {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Histogram, BucketsMeetAndCoverAllFloats) {
  for (int64_t k = -Histogram::kLargest; k < Histogram::kLargest; ++k)
    EXPECT_EQ(bucket_upper(k), bucket_lower(k + 1)) << k;
  EXPECT_EQ(bucket_lower(0), -std::ldexp(1.0, -40));
  EXPECT_EQ(bucket_upper(0), std::ldexp(1.0, -40));
  EXPECT_EQ(bucket_upper(Histogram::kLargest), std::ldexp(1.0, 128));
  EXPECT_EQ(bucket_lower(-Histogram::kLargest), -std::ldexp(1.0, 128));
  for (int64_t k = 1; k < Histogram::kLargest; ++k)
    EXPECT_LE(bucket_upper(k), 1.125 * bucket_lower(k)) << k;
}

TEST(Histogram, AValueIsInItsBucket) {
  constexpr float kLeast = std::numeric_limits<float>::denorm_min();
  constexpr float kMost = std::numeric_limits<float>::max();
  for (const float value :
       {0.0F, kLeast, 1e-13F, 1e-12F, 0.001F, 0.99F, 1.0F, 1.124F, 1.125F, 1e9F, kMost}) {
    const int64_t k = bucket_of(value);
    EXPECT_LE(k == 0 ? 0.0 : bucket_lower(k), value) << value;
    EXPECT_GT(bucket_upper(k), value) << value;
    EXPECT_EQ(bucket_of(-value), -k) << value;
  }
  EXPECT_EQ(bucket_of(std::ldexp(1.0F, -40)), 1);
  EXPECT_EQ(bucket_of(kMost), Histogram::kLargest);
}

TEST(Histogram, CountsEveryElementOnce) {
  const Tensor values = RandomStream(3).randn({7, 11, 13}).mul(0.1);
  const Histogram histogram = histogram_of(values);
  std::vector<int64_t> counted(histogram.counts.size());
  for (int64_t i = 0; i < values.numel(); ++i) {
    const auto value = values.view(-1)[i].item<double>();
    for (size_t k = 0; k < counted.size(); ++k) {
      const int64_t bucket = histogram.first + static_cast<int64_t>(k);
      const double low = bucket_lower(bucket), high = bucket_upper(bucket);
      counted[k] += value > 0 ? low <= value && value < high : low < value && value <= high;
    }
  }
  EXPECT_EQ(histogram.counts, counted);
  EXPECT_EQ(histogram.count, 1001);
  EXPECT_EQ(std::accumulate(counted.begin(), counted.end(), int64_t{0}), 1001);
  EXPECT_EQ(histogram.min, values.min().item<double>());
  EXPECT_EQ(histogram.max, values.max().item<double>());
  const Tensor wide = values.to(at::kDouble);
  EXPECT_NEAR(histogram.sum, wide.sum().item<double>(), 1e-12);
  EXPECT_NEAR(histogram.sum_squares, wide.square().sum().item<double>(), 1e-12);
}

TEST(Histogram, LayoutAndTypeAreNoMatter) {
  const Tensor values = RandomStream(4).randn({2, 4, 6, 6});
  const nlohmann::json whole = to_json(histogram_of(values));
  EXPECT_EQ(to_json(histogram_of(values.to(at::kDouble))), whole);
  const nlohmann::json strided = to_json(histogram_of(values.slice(3, 0, 6, 2)));
  EXPECT_EQ(strided, to_json(histogram_of(values.slice(3, 0, 6, 2).contiguous())));
  const Histogram last = histogram_of(values.contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(last.counts, histogram_of(values).counts);
}

TEST(Histogram, WhatIsntFiniteIsCountedApart) {
  const Histogram histogram =
      histogram_of(at::tensor({NAN, 2.0F, kInfinity, -kInfinity, 0.5F, 0.5F}));
  EXPECT_EQ(histogram.not_finite, 3);
  EXPECT_EQ(histogram.count, 3);
  EXPECT_EQ(histogram.sum, 3.0);
  EXPECT_EQ(histogram.min, 0.5);
  EXPECT_EQ(histogram.counts.front(), 2);
  for (const Tensor& none : {at::tensor({NAN}), at::empty({0})}) {
    const Histogram empty = histogram_of(none);
    EXPECT_EQ(empty.count + empty.min + empty.max + empty.sum, 0.0);
    EXPECT_TRUE(empty.counts.empty());
  }
}

TEST(Histogram, BucketsOffTheGridAreRefused) {
  const Histogram histogram = histogram_of(at::tensor({-1.0F, 1.0F}));
  nlohmann::json json = to_json(histogram);
  EXPECT_EQ(to_json(histogram_from_json(json, "here")), json);
  for (const int64_t first : {std::numeric_limits<int64_t>::min(), int64_t{-1345}, int64_t{1000},
                              std::numeric_limits<int64_t>::max()}) {
    json["first"] = first;
    EXPECT_THROW(histogram_from_json(json, "here"), Error) << first;
  }
}

}  // namespace
}  // namespace mezzotint
