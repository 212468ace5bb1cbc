#include "mezzotint/report/film_strip.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/report/sheet.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 8, kColumns = 3, kRows = 2;

/// What stands in sample `index` of the grid of an update.
uint8_t value_of(int64_t update, int index) {
  return static_cast<uint8_t>(50 + update * 10 + index);
}

class FilmStrip : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  /// Six grey samples of 8 x 8 as make_grid() lays them out.
  SampleGrid grid(int64_t update, int side = kSide) const {
    const int width = kColumns * (side + 2) + 2, height = kRows * (side + 2) + 2;
    Image image{width, height, 1, std::vector<uint8_t>(static_cast<size_t>(width) * height, 0), {}};
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        if (x % (side + 2) >= 2 && y % (side + 2) >= 2)
          image.pixels[static_cast<size_t>(y) * width + x] =
              value_of(update, y / (side + 2) * kColumns + x / (side + 2));
    const fs::path file = folder_ / (std::to_string(update) + ".png");
    write_png(file, image);
    return {update, std::nullopt, file, {}};
  }
  fs::path folder_ = fs::path(testing::TempDir()) / "film_strip_test";
};

uint8_t pixel(const Image& image, int x, int y) {
  return image.pixels[(static_cast<size_t>(y) * image.width + x) * image.channels];
}

TEST_F(FilmStrip, HasARowForEachNoiseAndAColumnForEachUpdate) {
  const std::vector<SampleGrid> grids = {grid(0), grid(5), grid(9)};
  const auto strip = film_strip(grids, {kSide, kSide, 6});
  ASSERT_TRUE(strip);
  const int cell = 64;  // 8 times enlarged
  EXPECT_EQ(strip->channels, 3);
  EXPECT_EQ(strip->width, 2 * 8 + 3 * cell + 2 * 3);
  EXPECT_EQ(strip->height, 24 + 4 * cell + 3 * 3 + 8);
  for (int column = 0; column < 3; ++column)
    for (int row = 0; row < 4; ++row)
      for (const int corner : {0, cell - 1})
        EXPECT_EQ(pixel(*strip, 8 + column * (cell + 3) + corner, 24 + row * (cell + 3) + corner),
                  value_of(grids[column].update, row));
}

TEST_F(FilmStrip, ShowsNoMoreThanThereIs) {
  const std::vector<SampleGrid> grids = {grid(0), grid(5)};
  EXPECT_EQ(film_strip(grids, {kSide, kSide, 2})->height, 24 + 2 * 64 + 3 + 8);
  EXPECT_FALSE(film_strip({grids[0]}, {kSide, kSide, 2}));
  EXPECT_FALSE(film_strip(grids, {kSide + 1, kSide, 2}));
  EXPECT_FALSE(film_strip(grids, {0, 0, 2}));
  EXPECT_FALSE(film_strip({grids[0], grid(6, 16)}, {kSide, kSide, 2}));
  EXPECT_THROW(film_strip({grids[0], {1, {}, folder_ / "absent.png", {}}}, {kSide, kSide, 2}),
               Error);
}

TEST_F(FilmStrip, MakesLargeSamplesSmaller) {
  const auto strip = film_strip({grid(0, 300), grid(1, 300)}, {300, 300, 1});
  ASSERT_TRUE(strip);
  EXPECT_EQ(strip->width, 2 * 8 + 2 * 100 + 3);
  EXPECT_EQ(pixel(*strip, 8 + 50, 24 + 50), value_of(0, 0));
}

TEST_F(FilmStrip, AnimationHasAFrameForEachGrid) {
  const fs::path path = folder_ / "timeline.gif";
  EXPECT_FALSE(write_sample_animation(path, {grid(0)}));
  EXPECT_FALSE(write_sample_animation(path, {grid(0), grid(6, 16)}));
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(write_sample_animation(path, {grid(0), grid(1), grid(2)}));
  EXPECT_GT(fs::file_size(path), 100u);
}

TEST(Sheet, ReducesByMeansOfSquares) {
  const Image image{4, 2, 1, {0, 10, 100, 100, 20, 30, 100, 104}, {}};
  const Image half = reduced(image, 2);
  EXPECT_EQ(half.width, 2);
  EXPECT_EQ(half.height, 1);
  EXPECT_EQ(half.pixels, (std::vector<uint8_t>{15, 101}));
  EXPECT_THROW(reduced(image, 3), Error);
  EXPECT_EQ(cut_out(image, 1, 0, 2, 2).pixels, (std::vector<uint8_t>{10, 100, 30, 100}));
  EXPECT_THROW(cut_out(image, 3, 0, 2, 2), Error);
}

}  // namespace
}  // namespace mezzotint
