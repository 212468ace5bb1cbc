#include "mezzotint/base/random.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

// torch 2.13: torch.manual_seed(0); torch.randn(4), torch.randn(16)[:3], ... See
// tools/reference/random.py.
TEST(RandomStream, EqualsTorch) {
  RandomStream small(0);
  const Tensor four = small.randn({4});
  const float expected[] = {1.5409960746765137f, -0.293428897857666f, -2.1787893772125244f,
                            0.5684312582015991f};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(four[i].item<float>(), expected[i]);
}

TEST(RandomStream, StateContinuesTheStream) {
  RandomStream a(7);
  a.randn({5});
  RandomStream b(0);
  b.set_state(a.state());
  EXPECT_TRUE(a.randn({20}).equal(b.randn({20})));
}

TEST(StreamSeed, DiffersByNameAndSeed) {
  EXPECT_NE(stream_seed(0, "noise"), stream_seed(0, "shuffle"));
  EXPECT_NE(stream_seed(0, "noise"), stream_seed(1, "noise"));
  EXPECT_EQ(stream_seed(3, "noise"), stream_seed(3, "noise"));
}

}  // namespace
}  // namespace mezzotint
