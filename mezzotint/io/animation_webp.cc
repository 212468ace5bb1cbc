#include <limits>
#include <utility>

#include <webp/encode.h>
#include <webp/mux.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/animation_codecs.h"

namespace mezzotint::animation_codecs {
namespace {

// Of libwebp's lossless levels, 0 (fast) to 9 (small).
constexpr int kLevel = 3;

struct Deleter {
  void operator()(WebPAnimEncoder* encoder) const { WebPAnimEncoderDelete(encoder); }
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};

/// Bytes that libwebp allocated.
struct Assembled {
  WebPData data = {};

  Assembled() = default;
  Assembled(const Assembled&) = delete;
  Assembled& operator=(const Assembled&) = delete;
  ~Assembled() { WebPDataClear(&data); }
  std::string bytes() const { return {reinterpret_cast<const char*>(data.bytes), data.size}; }
};

/// A frame in libwebp's form.
struct Picture {
  WebPPicture picture;

  explicit Picture(const Image& rgb) {
    bool made = WebPPictureInit(&picture) != 0;
    picture.use_argb = 1;
    picture.width = rgb.width;
    picture.height = rgb.height;
    made = made && WebPPictureImportRGB(&picture, rgb.pixels.data(), 3 * rgb.width) != 0;
    if (!made) fail("out of memory for a frame of WebP");
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  ~Picture() { WebPPictureFree(&picture); }
};

std::string escaped(std::string_view text) {
  std::string xml;
  for (const char c : text) {
    if (c == '&')
      xml += "&amp;";
    else if (c == '<')
      xml += "&lt;";
    else if (c == '>')
      xml += "&gt;";
    else
      xml += c;
  }
  return xml;
}

/// The text as what XMP calls a description: ISO 16684-1, property dc:description.
std::string xmp_packet(std::string_view text) {
  return "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
         "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
         "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"
         "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">" +
         escaped(text) +
         "</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>";
}

class WebPEncoder final : public Encoder {
 public:
  WebPEncoder(int width, int height, const AnimationOptions& options, std::string name)
      : name_(std::move(name)), comment_(options.comment) {
    if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION)
      fail(name_, ": frames of ", width, " x ", height, " pixels, WebP takes at most ",
           WEBP_MAX_DIMENSION, " on a side");
    WebPAnimEncoderOptions animation;
    bool made = WebPAnimEncoderOptionsInit(&animation) != 0;
    animation.anim_params.loop_count = options.loops;
    made = made && WebPConfigInit(&config_) != 0 && WebPConfigLosslessPreset(&config_, kLevel) != 0;
    if (made) encoder_.reset(WebPAnimEncoderNew(width, height, &animation));
    if (!encoder_) fail(name_, ": out of memory for a WebP encoder");
  }

  void add(const Image& rgb, int milliseconds) override {
    if (milliseconds > std::numeric_limits<int>::max() - time_ms_)
      fail(name_, ": WebP takes at most 24 days");
    Picture frame(rgb);
    if (!WebPAnimEncoderAdd(encoder_.get(), &frame.picture, time_ms_, &config_)) fail_encoder();
    time_ms_ += milliseconds;
  }

  std::string finish() override {
    Assembled file;
    // A frame that isn't there says when the last one ends.
    if (!WebPAnimEncoderAdd(encoder_.get(), nullptr, time_ms_, nullptr) ||
        !WebPAnimEncoderAssemble(encoder_.get(), &file.data))
      fail_encoder();
    return comment_.empty() ? file.bytes() : with_comment(file.data);
  }

 private:
  [[noreturn]] void fail_encoder() {
    fail(name_, ": WebP can't be encoded: ", WebPAnimEncoderGetError(encoder_.get()));
  }

  std::string with_comment(const WebPData& file) const {
    const std::string packet = xmp_packet(comment_);
    const WebPData chunk = {reinterpret_cast<const uint8_t*>(packet.data()), packet.size()};
    const std::unique_ptr<WebPMux, Deleter> mux(WebPMuxCreate(&file, 0));
    Assembled whole;
    if (!mux || WebPMuxSetChunk(mux.get(), "XMP ", &chunk, 0) != WEBP_MUX_OK ||
        WebPMuxAssemble(mux.get(), &whole.data) != WEBP_MUX_OK)
      fail(name_, ": WebP can't be put together with its comment");
    return whole.bytes();
  }

  std::string name_;
  std::string comment_;
  WebPConfig config_;
  std::unique_ptr<WebPAnimEncoder, Deleter> encoder_;
  int time_ms_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> webp_encoder(int width, int height, const AnimationOptions& options,
                                      const std::string& name) {
  return std::make_unique<WebPEncoder>(width, height, options, name);
}

}  // namespace mezzotint::animation_codecs
