#include "mezzotint/io/image_tensor.h"

#include <limits>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

TEST(ImageTensor, PixelsBecomePlanes) {
  const Tensor x = image_to_tensor({2, 1, 3, {0, 51, 255, 102, 153, 204}, {}, {}});
  EXPECT_EQ(x.sizes(), (std::vector<int64_t>{3, 1, 2}));
  EXPECT_EQ(x[0][0][1].item<float>(), 102 / 255.0f);
  EXPECT_EQ(x[2][0][0].item<float>(), 1.0f);
}

// numpy: (np.float32([...]) / 2 + 0.5).clip(0, 1) * 255, .round(), as diffusers' numpy_to_pil does
// it.
TEST(ImageTensor, RoundsHalvesToEvenAndClamps) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = at::tensor({-2.0f, -1.0f, 0.0f, 1.0f, 7.0f, nan}).view({1, 2, 3});
  EXPECT_EQ(tensor_to_image(x).pixels, (std::vector<uint8_t>{0, 0, 128, 255, 255, 0}));
}

TEST(ImageTensor, EveryLevelSurvivesTheRoundTrip) {
  Image image = {16, 16, 1, {}, {}, {}};
  for (int i = 0; i < 256; ++i) image.pixels.push_back(static_cast<uint8_t>(i));
  EXPECT_EQ(tensor_to_image(image_to_tensor(image) * 2 - 1).pixels, image.pixels);
  EXPECT_EQ(tensor_to_image((image_to_tensor(image) * 2 - 1).to(at::kDouble)).pixels, image.pixels);
}

TEST(ImageTensor, RefusesOtherShapes) {
  EXPECT_THROW(tensor_to_image(at::full({2, 4, 4}, 0.0)), Error);
  EXPECT_THROW(tensor_to_image(at::full({1, 3, 4, 4}, 0.0)), Error);
  EXPECT_THROW(image_to_tensor({2, 2, 3, {1}, {}, {}}), Error);
}

// torchvision's make_grid(x, nrow=2, padding=1) of the same pictures.
TEST(MakeGrid, TilesRowByRow) {
  const Tensor x = at::arange(1, 4, at::kFloat).view({3, 1, 1, 1}).expand({3, 2, 1, 2});
  const Tensor grid = make_grid(x, 2, 1, 9);
  ASSERT_EQ(grid.sizes(), (std::vector<int64_t>{2, 5, 7}));
  const Tensor expected = at::tensor({9, 9, 9, 9, 9, 9, 9, 9, 1, 1, 9, 2, 2, 9, 9, 9, 9, 9,
                                      9, 9, 9, 9, 3, 3, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9})
                              .view({5, 7});
  EXPECT_TRUE(grid[0].equal(expected.to(at::kFloat)));
  EXPECT_TRUE(grid[1].equal(grid[0]));
}

TEST(MakeGrid, FewPicturesMakeANarrowGrid) {
  EXPECT_EQ(make_grid(at::full({2, 3, 4, 4}, 0.0), 8).sizes(), (std::vector<int64_t>{3, 8, 14}));
  EXPECT_THROW(make_grid(at::full({3, 4, 4}, 0.0), 8), Error);
  EXPECT_THROW(make_grid(at::full({1, 3, 4, 4}, 0.0), 0), Error);
}

}  // namespace
}  // namespace mezzotint
