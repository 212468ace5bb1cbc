#include "mezzotint/base/caching_allocator.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "mezzotint/base/tensor.h"

namespace mezzotint {
namespace {

int64_t page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

/// What a step does: large tensors come and go.
double step() {
  const Tensor a = at::full({1 << 20}, 1.5), b = a * 2 + a;
  return (b - a.slice(0, 0, 1)).sum().item<double>();
}

// One test, because the allocator is the process's and stays. Here it is installed in the middle of
// a program: tensors from before must survive it.
TEST(CachingAllocator, KeepsMemoryAndGivesItBack) {
  EXPECT_EQ(release_cached_memory(), 0u);
  Tensor earlier = at::full({1 << 20}, 2.0f);
  if (!use_caching_allocator()) GTEST_SKIP() << "not here (AddressSanitizer, or no addresses)";
  EXPECT_FALSE(use_caching_allocator());
  EXPECT_EQ(earlier.sum().item<float>(), 2.0f * (1 << 20));
  earlier = Tensor();

  const double expected = step();
  step();
  const int64_t before = page_faults();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(step(), expected);
  EXPECT_LE(page_faults() - before, 10);  // 4096 a step with malloc's small pages

  const BlockArena::Usage usage = cached_memory();
  EXPECT_EQ(usage.in_use, 0u);
  EXPECT_GE(usage.most_in_use, size_t{8} << 20);
  EXPECT_GE(release_cached_memory(), size_t{8} << 20);
  EXPECT_LT(cached_memory().resident, usage.resident);
  EXPECT_EQ(step(), expected);

  const Tensor kept = at::zeros({1 << 20});
  EXPECT_EQ(cached_memory().in_use, size_t{4} << 20);
  Tensor none = at::zeros({0});
  EXPECT_EQ(none.numel(), 0);
}

}  // namespace
}  // namespace mezzotint
