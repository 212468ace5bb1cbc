#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it
#include <utility>

#include <jerror.h>
#include <jpeglib.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/image_codecs.h"

namespace mezzotint::image_codecs {
namespace {

// A progressive file that refines its pixels more often than this is out to cost time.
constexpr int kMaxScans = 500;

/// What libjpeg's callbacks see. It leaves a failed call by longjmp, so everything with a
/// destructor lives outside the functions that are jumped out of.
struct Reader {
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  std::jmp_buf leave;
  char message[JMSG_LENGTH_MAX] = {};

  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&jpeg); }
};

Reader& reader_of(j_common_ptr jpeg) { return *static_cast<Reader*>(jpeg->client_data); }

[[noreturn]] void on_error(j_common_ptr jpeg) {
  Reader& reader = reader_of(jpeg);
  reader.errors.format_message(jpeg, reader.message);
  std::longjmp(reader.leave, 1);
}

bool harmless(int warning) {
  return warning == JWRN_ADOBE_XFORM || warning == JWRN_EXTRANEOUS_DATA ||
         warning == JWRN_JFIF_MAJOR || warning == JWRN_TOO_MUCH_DATA;
}

/// libjpeg fills what is missing with grey and only warns (level -1); here that is an error.
void on_message(j_common_ptr jpeg, int level) {
  if (level < 0 && !harmless(reader_of(jpeg).errors.msg_code)) on_error(jpeg);
}

void on_progress(j_common_ptr jpeg) {
  const auto& decoder = *reinterpret_cast<j_decompress_ptr>(jpeg);
  if (decoder.input_scan_number <= kMaxScans) return;
  std::snprintf(reader_of(jpeg).message, JMSG_LENGTH_MAX, "more than %d scans", kMaxScans);
  std::longjmp(reader_of(jpeg).leave, 1);
}

/// Runs calls of libjpeg. `body` must own nothing that has a destructor. @returns false after an
/// error of libjpeg.
template <class Body>
bool guarded(Reader& reader, Body body) {
  if (setjmp(reader.leave)) return false;
  body(reader.jpeg);
  return true;
}

void open(Reader& reader, std::string_view bytes) {
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  reader.jpeg.client_data = &reader;
  jpeg_create_decompress(&reader.jpeg);
  reader.progress.progress_monitor = on_progress;
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, as_bytes(bytes).data(), static_cast<unsigned long>(bytes.size()));
  jpeg_save_markers(&reader.jpeg, JPEG_APP0 + 1, 0xffff);
}

std::string color_space_name(J_COLOR_SPACE space) {
  return space == JCS_GRAYSCALE ? "JPEG grey"
         : space == JCS_CMYK    ? "JPEG CMYK"
         : space == JCS_YCCK    ? "JPEG YCCK"
         : space == JCS_RGB     ? "JPEG RGB"
                                : "JPEG YCbCr";
}

int stored_orientation(const jpeg_decompress_struct& jpeg) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  for (auto* marker = jpeg.marker_list; marker; marker = marker->next) {
    const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.starts_with(kExif)) return exif_orientation(as_bytes(data.substr(kExif.size())));
  }
  return 1;
}

/// Four inks to RGB by PIL's rule, which takes every file to hold them inverted, as Adobe's do.
void cmyk_to_rgb(Image& image) {
  std::vector<uint8_t> rgb(image.pixels.size() / 4 * 3);
  for (size_t i = 0, pixels = image.pixels.size() / 4; i < pixels; ++i) {
    const int white = image.pixels[4 * i + 3];
    for (size_t c = 0; c < 3; ++c) {
      const int product = (255 - image.pixels[4 * i + c]) * white + 128;
      rgb[3 * i + c] = static_cast<uint8_t>(white - ((product + (product >> 8)) >> 8));
    }
  }
  image.pixels = std::move(rgb);
  image.channels = 3;
}

}  // namespace

Image decode_jpeg(std::string_view bytes, const std::string& name) {
  Reader reader;
  Image image;
  const auto damaged = [&] { fail(name, ": damaged JPEG: ", reader.message); };
  const auto read_header = [&](jpeg_decompress_struct& jpeg) {
    open(reader, bytes);
    jpeg_read_header(&jpeg, TRUE);
  };
  if (!guarded(reader, read_header)) damaged();
  check_size(reader.jpeg.image_width, reader.jpeg.image_height, name);

  const int orientation = stored_orientation(reader.jpeg);  // its marker is gone after decoding
  const J_COLOR_SPACE stored = reader.jpeg.jpeg_color_space;
  const bool inks = stored == JCS_CMYK || stored == JCS_YCCK;
  image.stored_as = color_space_name(stored);
  image.width = static_cast<int>(reader.jpeg.image_width);
  image.height = static_cast<int>(reader.jpeg.image_height);
  image.channels = stored == JCS_GRAYSCALE ? 1 : inks ? 4 : 3;
  const size_t row = static_cast<size_t>(image.width) * image.channels;
  image.pixels.resize(row * image.height);
  const auto read_pixels = [&](jpeg_decompress_struct& jpeg) {
    jpeg.out_color_space = stored == JCS_GRAYSCALE ? JCS_GRAYSCALE : inks ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW line = &image.pixels[row * jpeg.output_scanline];
      jpeg_read_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_decompress(&jpeg);
  };
  if (!guarded(reader, read_pixels)) damaged();
  if (inks) cmyk_to_rgb(image);
  apply_orientation(image, orientation);
  return image;
}

}  // namespace mezzotint::image_codecs
