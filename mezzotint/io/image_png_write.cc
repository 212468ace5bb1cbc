#include <csetjmp>
#include <cstring>
#include <list>
#include <utility>

#include <png.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/image.h"
#include "mezzotint/io/latin1.h"

namespace mezzotint {
namespace {

/// libpng leaves a failed call by longjmp: everything with a destructor lives outside the calls.
struct Sink {
  std::string bytes;
  char message[160] = {};
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* sink = static_cast<Sink*>(png_get_error_ptr(png));
  std::strncpy(sink->message, message, sizeof(sink->message) - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_write(png_structp png, png_bytep data, size_t count) {
  static_cast<Sink*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<char*>(data), count);
}

void on_flush(png_structp) {}

struct Writer {
  Sink sink;
  png_structp png = nullptr;
  png_infop info = nullptr;

  Writer() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &sink, on_error, on_warning);
    if (png) info = png_create_info_struct(png);
    if (!info) fail("out of memory for a PNG encoder");
    png_set_write_fn(png, &sink, on_write, on_flush);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

/// The chunks in libpng's form; `kept` owns what they point to.
std::vector<png_text> text_chunks(const Image& image, std::list<std::string>& kept) {
  std::vector<png_text> chunks;
  for (const auto& [keyword, text] : image.text) {
    std::string& key = kept.emplace_back();
    if (!utf8_to_latin1(keyword, key) || key.empty() || key.size() > 79)
      fail("PNG text keyword '", keyword, "': wanted 1 to 79 characters of Latin-1");
    std::string& value = kept.emplace_back();
    const bool latin1 = utf8_to_latin1(text, value);
    if (!latin1) value = text;
    png_text chunk = {};
    chunk.compression = latin1 ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    chunk.key = key.data();
    chunk.text = value.data();
    (latin1 ? chunk.text_length : chunk.itxt_length) = value.size();
    chunks.push_back(chunk);
  }
  return chunks;
}

}  // namespace

std::string encode_png(const Image& image) {
  constexpr int kColorTypes[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                 PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  MEZZO_CHECK(image.width > 0 && image.height > 0 && image.channels >= 1 && image.channels <= 4,
              "encode_png: a picture of ", image.width, " x ", image.height, " with ",
              image.channels, " channels; wanted 1 to 4 channels and a size above 0");
  const size_t row = static_cast<size_t>(image.width) * image.channels;
  MEZZO_CHECK(image.pixels.size() == row * image.height, "encode_png: ", image.pixels.size(),
              " bytes of pixels, wanted ", row * image.height);
  std::list<std::string> kept;
  std::vector<png_text> chunks = text_chunks(image, kept);
  std::vector<png_bytep> rows;
  for (int y = 0; y < image.height; ++y)
    rows.push_back(const_cast<png_bytep>(&image.pixels[row * y]));  // libpng only reads them
  Writer writer;
  if (setjmp(png_jmpbuf(writer.png))) fail("encode_png: ", writer.sink.message);
  png_set_IHDR(writer.png, writer.info, image.width, image.height, 8, kColorTypes[image.channels],
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_text(writer.png, writer.info, chunks.data(), static_cast<int>(chunks.size()));
  png_write_info(writer.png, writer.info);
  png_write_image(writer.png, rows.data());
  png_write_end(writer.png, writer.info);
  return std::move(writer.sink.bytes);
}

}  // namespace mezzotint
