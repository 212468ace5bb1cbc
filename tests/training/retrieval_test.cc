#include "mezzotint/training/retrieval.h"

#include <ATen/ops/eye.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"

namespace mezzotint {
namespace {

TEST(Retrieval, FindsWhatIsNearest) {
  const Tensor pictures = at::eye(20);
  const std::vector<RetrievalCase> right = {{3, 3, {}}, {7, 7, {}}}, wrong = {{3, 4, {}}};
  EXPECT_EQ(retrieval_accuracy(pictures, pictures, right, 20, 3, 1), 1);
  EXPECT_EQ(retrieval_accuracy(pictures, pictures, wrong, 20, 3, 1), 0);
  // What the text also belongs to isn't held against it; the rest are as far away as the right one.
  EXPECT_EQ(retrieval_accuracy(pictures, pictures, {{3, 4, {3}}}, 20, 3, 1), 0);
  EXPECT_EQ(retrieval_accuracy(pictures + 0.1 * pictures.narrow(0, 4, 1), pictures, {{3, 4, {3}}},
                               20, 3, 1),
            1);
}

TEST(Retrieval, IsChanceForNoise) {
  const Tensor pictures = RandomStream(1).randn({300, 16}),
               texts = RandomStream(2).randn({300, 16});
  std::vector<RetrievalCase> cases;
  for (int64_t i = 0; i < 300; ++i) cases.push_back({i, i, {}});
  EXPECT_NEAR(retrieval_accuracy(texts, pictures, cases, 10, 10, 1), 0.1, 0.05);
  EXPECT_EQ(retrieval_accuracy(texts, pictures, cases, 10, 10, 1),
            retrieval_accuracy(texts, pictures, cases, 10, 10, 1));
  EXPECT_THROW(retrieval_accuracy(texts, pictures, {}, 10, 10, 1), Error);
}

}  // namespace
}  // namespace mezzotint
