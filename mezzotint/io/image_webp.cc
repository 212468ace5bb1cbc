#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/image_codecs.h"

namespace mezzotint::image_codecs {
namespace {

struct Deleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  void operator()(WebPAnimDecoder* decoder) const { WebPAnimDecoderDelete(decoder); }
};

WebPData as_data(std::string_view bytes) { return {as_bytes(bytes).data(), bytes.size()}; }

int stored_orientation(const WebPDemuxer* demuxer) {
  WebPChunkIterator chunk;
  int orientation = 1;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
    std::span<const uint8_t> exif(chunk.chunk.bytes, chunk.chunk.size);
    // Some writers keep the marker that EXIF has in a JPEG.
    if (exif.size() > 6 && exif[0] == 'E' && exif[1] == 'x') exif = exif.subspan(6);
    orientation = exif_orientation(exif);
  }
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

void decode_still(std::string_view bytes, Image& image, const std::string& name) {
  const int stride = image.width * image.channels;
  const auto decode = image.channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (!decode(as_bytes(bytes).data(), bytes.size(), image.pixels.data(), image.pixels.size(),
              stride))
    fail(name, ": damaged WebP: the pixels can't be decoded");
}

/// The first frame, on the canvas of the animation; always RGBA.
void decode_animation(std::string_view bytes, Image& image, const std::string& name) {
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  const WebPData data = as_data(bytes);
  const std::unique_ptr<WebPAnimDecoder, Deleter> decoder(WebPAnimDecoderNew(&data, &options));
  uint8_t* frame = nullptr;
  int timestamp = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &frame, &timestamp))
    fail(name, ": damaged WebP: the first frame can't be decoded");
  image.pixels.assign(frame, frame + image.pixels.size());
}

}  // namespace

Image decode_webp(std::string_view bytes, const std::string& name) {
  const WebPData data = as_data(bytes);
  const std::unique_ptr<WebPDemuxer, Deleter> demuxer(WebPDemux(&data));
  if (!demuxer) fail(name, ": damaged WebP: the file ends early or its header is wrong");
  const int64_t width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  const int64_t height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  check_size(width, height, name);
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK)
    fail(name, ": damaged WebP: the header of the pixels is wrong");
  if (features.width != width || features.height != height)
    fail(name, ": damaged WebP: the canvas and the pixels differ in size");

  Image image;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.channels = features.has_alpha || features.has_animation ? 4 : 3;
  image.stored_as = concat("WebP ", image.channels == 4 ? "RGBA" : "RGB",
                           features.has_animation ? " animation" : "");
  image.pixels.resize(static_cast<size_t>(width) * height * image.channels);
  if (features.has_animation)
    decode_animation(bytes, image, name);
  else
    decode_still(bytes, image, name);
  apply_orientation(image, stored_orientation(demuxer.get()));
  return image;
}

}  // namespace mezzotint::image_codecs
