#include "mezzotint/report/film_strip.h"

#include <algorithm>
#include <string>

#include "mezzotint/base/error.h"
#include "mezzotint/report/canvas.h"
#include "mezzotint/report/sheet.h"

namespace mezzotint {
namespace {

constexpr int kPadding = 2;  // of make_grid
constexpr size_t kMostColumns = 16;
constexpr int kMostRows = 4;
constexpr int kSmallestSide = 64;  // small pictures are enlarged to it
constexpr int kLargestSide = 128;  // large ones are made at most as large
constexpr int kGap = 3;
constexpr int kMargin = 8;
constexpr int kTitle = 24;
constexpr Color kFilm{0.12, 0.115, 0.105};
const TextStyle kLabel{11.5, false, {0.87, 0.85, 0.81}, 0.5};

/// A dark sheet with a label at the middle of each column, where it has room.
Image sheet_with_labels(int width, int height, int column_width,
                        const std::vector<std::string>& labels) {
  const std::string png = Canvas::png(width, height, 1, [&](Canvas& canvas) {
    canvas.fill_rectangle({0, 0}, width, height, kFilm);
    double free_from = 0;
    for (size_t i = 0; i < labels.size(); ++i) {
      const double room = canvas.text_width(labels[i], kLabel);
      const double middle = kMargin + (i + 0.5) * (column_width + kGap) - kGap / 2.0;
      if (middle - room / 2 < free_from) continue;
      canvas.text({middle, kTitle - 7.0}, labels[i], kLabel);
      free_from = middle + room / 2 + 6;
    }
  });
  return decode_image(png, "labels of a film strip");
}

}  // namespace

std::optional<Image> film_strip(const std::vector<SampleGrid>& grids, const GridLayout& layout) {
  if (grids.size() < 2 || layout.width < 1 || layout.height < 1) return std::nullopt;
  std::vector<Image> pictures;
  std::vector<std::string> labels;
  for (const size_t i : evenly_chosen(grids.size(), kMostColumns)) {
    pictures.push_back(read_image(grids[i].file));
    labels.push_back(std::to_string(grids[i].update));
  }
  const Image& first = pictures.front();
  const int across = (first.width - kPadding) / (layout.width + kPadding);
  const int down = (first.height - kPadding) / (layout.height + kPadding);
  const bool fits = across > 0 && down > 0 &&
                    first.width == across * (layout.width + kPadding) + kPadding &&
                    first.height == down * (layout.height + kPadding) + kPadding &&
                    std::ranges::all_of(pictures, [&](const Image& one) {
                      return one.width == first.width && one.height == first.height &&
                             (one.channels == 1 || one.channels == 3);
                    });
  if (!fits) return std::nullopt;
  const int rows = std::min({kMostRows, across * down, std::max(1, layout.count)});
  const int side = std::max(layout.width, layout.height),
            short_side = layout.width + layout.height - side;
  const int divisor = std::min((side + kLargestSide - 1) / kLargestSide, short_side);
  const int factor = std::max(1, (kSmallestSide + side - 1) / side);
  const int width = layout.width / divisor * factor, height = layout.height / divisor * factor;
  const auto columns = static_cast<int>(pictures.size());
  Image sheet = sheet_with_labels(2 * kMargin + columns * (width + kGap) - kGap,
                                  kTitle + rows * (height + kGap) - kGap + kMargin, width, labels);
  for (int column = 0; column < columns; ++column)
    for (int row = 0; row < rows; ++row) {
      const Image sample = cut_out(
          pictures[column], row % across * (layout.width + kPadding) + kPadding,
          row / across * (layout.height + kPadding) + kPadding, layout.width, layout.height);
      paste_enlarged(reduced(sample, divisor), factor, kMargin + column * (width + kGap),
                     kTitle + row * (height + kGap), sheet);
    }
  return sheet;
}

}  // namespace mezzotint
