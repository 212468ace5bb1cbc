#include <csetjmp>
#include <cstring>
#include <utility>

#include <png.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/image_codecs.h"
#include "mezzotint/io/latin1.h"

namespace mezzotint::image_codecs {
namespace {

// Text and the like: the largest chunk that is unpacked, and how many of them.
constexpr png_alloc_size_t kChunkBytes = 4'000'000;
constexpr png_uint_32 kChunks = 32;
// Deflate can't shrink data by more than this.
constexpr uint64_t kDeflateRatio = 1032;

/// What libpng's callbacks see. libpng leaves a failed call by longjmp, so everything with a
/// destructor lives here or in decode_png, outside the functions that are jumped out of.
struct Source {
  std::string_view rest;
  char message[160] = {};
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof(source->message) - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->rest.size()) png_error(png, "the file ends early");
  std::memcpy(out, source->rest.data(), count);
  source->rest.remove_prefix(count);
}

struct Reader {
  Source source;
  png_structp png = nullptr;
  png_infop info = nullptr;

  explicit Reader(std::string_view bytes) : source{bytes} {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
    if (png) info = png_create_info_struct(png);
    if (!info) fail("out of memory for a PNG decoder");
    png_set_read_fn(png, &source, on_read);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size() judges the area
    png_set_chunk_malloc_max(png, kChunkBytes);
    png_set_chunk_cache_max(png, kChunks);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// Runs calls of libpng. `body` must own nothing that has a destructor. @returns false after an
/// error of libpng.
template <class Body>
bool guarded(Reader& reader, Body body) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  body(reader.png, reader.info);
  return true;
}

/// Steps over the chunks: libpng makes room for what a chunk's length claims before it reads on.
/// @returns the bytes of packed pixels. @throws Error when a chunk reaches beyond the file.
uint64_t checked_pixel_bytes(std::string_view bytes, const std::string& name) {
  constexpr size_t kSignature = 8, kAround = 12;  // length, type and checksum of a chunk
  uint64_t pixel_bytes = 0;
  for (std::string_view rest = bytes.substr(kSignature);;) {
    if (rest.size() < kAround) fail(name, ": damaged PNG: the file ends early");
    const uint64_t length = png_get_uint_32(as_bytes(rest).data());
    if (length > rest.size() - kAround) fail(name, ": damaged PNG: the file ends early");
    const std::string_view type = rest.substr(4, 4);
    if (type == "IEND") return pixel_bytes;
    if (type == "IDAT") pixel_bytes += length;
    rest.remove_prefix(kAround + length);
  }
}

std::string color_type_name(int color_type, int bit_depth, bool transparent) {
  std::string name = "PNG ";
  name += color_type == PNG_COLOR_TYPE_PALETTE      ? "palette"
          : color_type == PNG_COLOR_TYPE_GRAY       ? "grey"
          : color_type == PNG_COLOR_TYPE_GRAY_ALPHA ? "grey+alpha"
          : color_type == PNG_COLOR_TYPE_RGB        ? "RGB"
                                                    : "RGBA";
  if (transparent) name += "+transparency";
  if (bit_depth != 8) name += " " + std::to_string(bit_depth) + "-bit";
  return name;
}

/// Asks libpng for eight bits a sample, and no palette.
void set_conversions(png_structp png, png_infop info) {
  if (png_get_bit_depth(png, info) == 16) png_set_strip_16(png);
  png_set_expand(png);  // palette to RGB, fewer bits to 8, a transparent colour to alpha
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

void collect_text(const Reader& reader, Image& image) {
  png_textp texts = nullptr;
  const int count = png_get_text(reader.png, reader.info, &texts, nullptr);
  for (int i = 0; i < count; ++i) {
    const bool utf8 = texts[i].compression >= PNG_ITXT_COMPRESSION_NONE;
    const size_t length = utf8 ? texts[i].itxt_length : texts[i].text_length;
    const std::string_view value(texts[i].text ? texts[i].text : "", texts[i].text ? length : 0);
    image.text[latin1_to_utf8(texts[i].key)] = utf8 ? std::string(value) : latin1_to_utf8(value);
  }
}

int stored_orientation(const Reader& reader) {
  png_bytep exif = nullptr;
  png_uint_32 length = 0;
  if (!png_get_eXIf_1(reader.png, reader.info, &length, &exif) || !exif) return 1;
  return exif_orientation({exif, length});
}

}  // namespace

Image decode_png(std::string_view bytes, const std::string& name) {
  const uint64_t pixel_bytes = checked_pixel_bytes(bytes, name);
  Reader reader(bytes);
  Image image;
  std::vector<png_bytep> rows;
  const auto damaged = [&] { fail(name, ": damaged PNG: ", reader.source.message); };

  if (!guarded(reader, [](png_structp png, png_infop info) { png_read_info(png, info); }))
    damaged();
  const int64_t width = png_get_image_width(reader.png, reader.info);
  const int64_t height = png_get_image_height(reader.png, reader.info);
  check_size(width, height, name);
  const size_t stored_row = png_get_rowbytes(reader.png, reader.info);
  if (pixel_bytes < stored_row * static_cast<uint64_t>(height) / kDeflateRatio)
    fail(name, ": damaged PNG: ", pixel_bytes, " packed bytes can't hold ", width, " x ", height,
         " pixels");
  image.stored_as = color_type_name(png_get_color_type(reader.png, reader.info),
                                    png_get_bit_depth(reader.png, reader.info),
                                    png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0);

  if (!guarded(reader, set_conversions)) damaged();
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.channels = png_get_channels(reader.png, reader.info);
  const size_t row = static_cast<size_t>(width) * image.channels;
  if (png_get_rowbytes(reader.png, reader.info) != row)
    fail(name, ": PNG of a kind that isn't read: ", image.stored_as);
  image.pixels.resize(row * height);
  for (int64_t y = 0; y < height; ++y) rows.push_back(&image.pixels[row * y]);
  const auto read = [&rows](png_structp png, png_infop info) {
    png_read_image(png, rows.data());
    png_read_end(png, info);
  };
  if (!guarded(reader, read)) damaged();
  collect_text(reader, image);
  apply_orientation(image, stored_orientation(reader));
  return image;
}

}  // namespace mezzotint::image_codecs
