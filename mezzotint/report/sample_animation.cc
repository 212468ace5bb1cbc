#include <algorithm>

#include "mezzotint/io/animation.h"
#include "mezzotint/report/canvas.h"
#include "mezzotint/report/film_strip.h"
#include "mezzotint/report/sheet.h"

namespace mezzotint {
namespace {

constexpr size_t kMostFrames = 60;
constexpr double kMostPixels =
    8e6;  // of all frames before enlarging; it is the time and size of the file
constexpr int kWholeMs = 6000;  // all frames together, where none is too quick or too slow
constexpr int kSmallestSide = 384;
constexpr int kTitle = 26;
constexpr Color kFilm{0.12, 0.115, 0.105};
const TextStyle kLabel{13, false, {0.92, 0.90, 0.86}};

Image frame(const Image& grid, int64_t update) {
  const int factor = enlargement(grid, kSmallestSide);
  const int width = grid.width * factor, height = grid.height * factor + kTitle;
  const std::string png = Canvas::png(width, height, 1, [&](Canvas& canvas) {
    canvas.fill_rectangle({0, 0}, width, height, kFilm);
    canvas.text({8, kTitle - 8.0}, "update " + std::to_string(update), kLabel);
  });
  Image sheet = decode_image(png, "label of a frame");
  paste_enlarged(grid, factor, 0, kTitle, sheet);
  return sheet;
}

}  // namespace

bool write_sample_animation(const std::filesystem::path& path,
                            const std::vector<SampleGrid>& grids) {
  if (grids.size() < 2) return false;
  const Image first = read_image(grids.front().file);
  const double pixels = static_cast<double>(first.width) * first.height;
  const size_t most = std::clamp<size_t>(static_cast<size_t>(kMostPixels / pixels), 2, kMostFrames);
  std::vector<Image> frames;
  for (const size_t i : evenly_chosen(grids.size(), most)) {
    const Image grid = read_image(grids[i].file);
    const bool fits = grid.width == first.width && grid.height == first.height;
    if (fits && (grid.channels == 1 || grid.channels == 3))
      frames.push_back(frame(grid, grids[i].update));
  }
  if (frames.size() < 2) return false;
  const int pace = std::clamp(kWholeMs / static_cast<int>(frames.size()), 60, 500) / 10 * 10;
  write_animation(path, frames,
                  {.frame_ms = pace,
                   .last_frame_ms = 2000,
                   .comment = "samples from the same noise while the network learned"});
  return true;
}

}  // namespace mezzotint
