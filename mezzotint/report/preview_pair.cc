#include "mezzotint/report/preview_pair.h"

#include <algorithm>

#include "mezzotint/report/canvas.h"
#include "mezzotint/report/sheet.h"

namespace mezzotint {
namespace {

constexpr int kMargin = 8;
constexpr int kTitle = 22;          ///< height of the line of titles
constexpr int kSmallestSide = 192;  ///< pictures are enlarged to at least this

/// A row of pictures rather than a picture.
bool is_row(const Image& image) { return 2 * image.width > 5 * image.height; }

}  // namespace

Image preview_pair(const Image& left, const std::string& left_title, const Image& right,
                   const std::string& right_title) {
  const bool stacked = is_row(left) && is_row(right);
  const int smallest = stacked ? 2 * kSmallestSide + kMargin : kSmallestSide;
  const int left_factor = enlargement(left, smallest), right_factor = enlargement(right, smallest);
  const int left_width = left.width * left_factor, right_width = right.width * right_factor;
  const int left_height = left.height * left_factor, right_height = right.height * right_factor;
  const int right_begin = stacked ? kMargin : left_width + 2 * kMargin;
  const int right_top = stacked ? left_height + 2 * kTitle : kTitle;
  const int width = std::max(kMargin + left_width, right_begin + right_width) + kMargin;
  const int height = std::max(kTitle + left_height, right_top + right_height) + kMargin;
  const std::string titles = Canvas::png(width, height, 1, [&](Canvas& canvas) {
    canvas.fill_rectangle({0, 0}, width, height, {1, 1, 1});
    canvas.text({kMargin, kTitle - 6.0}, left_title, {.size = 12});
    canvas.text({static_cast<double>(right_begin), right_top - 6.0}, right_title, {.size = 12});
  });
  Image sheet = decode_image(titles, "titles of a preview");
  paste_enlarged(left, left_factor, kMargin, kTitle, sheet);
  paste_enlarged(right, right_factor, right_begin, right_top, sheet);
  return sheet;
}

}  // namespace mezzotint
