#include "mezzotint/io/image.h"

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/image_codecs.h"

namespace mezzotint {

namespace image_codecs {

void check_size(int64_t width, int64_t height, const std::string& name) {
  if (width < 1 || height < 1) fail(name, ": an empty picture, ", width, " x ", height);
  if (width > kMaxPixels / height)
    fail(name, ": ", width, " x ", height, " pixels are too many; at most ", kMaxPixels,
         " are read");
}

}  // namespace image_codecs

Image decode_image(std::string_view bytes, const std::string& name) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return image_codecs::decode_png(bytes, name);
  if (bytes.starts_with("\xff\xd8\xff"sv)) return image_codecs::decode_jpeg(bytes, name);
  if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 12).ends_with("WEBP"sv))
    return image_codecs::decode_webp(bytes, name);
  if (bytes.empty()) fail(name, ": an empty file, wanted a PNG, JPEG or WebP picture");
  if (bytes.starts_with("version https://git-lfs"sv))
    fail(name,
         ": a git-lfs pointer, not the picture itself; run `git lfs pull` where it came from");
  fail(name, ": not a PNG, JPEG or WebP picture");
}

Image read_image(const std::filesystem::path& path) {
  return decode_image(read_file(path), path.string());
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_file_atomic(path, encode_png(image));
}

}  // namespace mezzotint
