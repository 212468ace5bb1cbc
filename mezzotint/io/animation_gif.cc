#include <algorithm>
#include <exception>
#include <utility>

#include <gif_lib.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/animation_codecs.h"
#include "mezzotint/io/palette.h"
#include "mezzotint/io/pattern_dither.h"

namespace mezzotint::animation_codecs {
namespace {

constexpr int kLargestSide = 65535;
constexpr size_t kColors = 256;

struct Deleter {
  void operator()(GifFileType* gif) const { EGifCloseFile(gif, nullptr); }
};

/// giflib takes tables of 2, 4, ..., 256 colours only; the rest are copies of the last.
struct ColorMap {
  ColorMapObject* object;

  explicit ColorMap(const std::vector<PackedColor>& palette) {
    const int size = 1 << std::max(1, GifBitSize(static_cast<int>(palette.size())));
    object = GifMakeMapObject(size, nullptr);
    if (!object) fail("out of memory for a colour table of GIF");
    for (int i = 0; i < size; ++i) {
      const PackedColor color = palette[std::min<size_t>(i, palette.size() - 1)];
      object->Colors[i] = {static_cast<GifByteType>(color_channel(color, 0)),
                           static_cast<GifByteType>(color_channel(color, 1)),
                           static_cast<GifByteType>(color_channel(color, 2))};
    }
  }
  ColorMap(const ColorMap&) = delete;
  ColorMap& operator=(const ColorMap&) = delete;
  ~ColorMap() { GifFreeMapObject(object); }
};

/// GIF89a: a screen, Netscape's block for loops, a comment, then for each frame its delay, its own
/// colour table and its pixels.
class GifEncoder final : public Encoder {
 public:
  GifEncoder(int width, int height, const AnimationOptions& options, std::string name)
      : name_(std::move(name)) {
    if (width > kLargestSide || height > kLargestSide)
      fail(name_, ": frames of ", width, " x ", height, " pixels, GIF takes at most ", kLargestSide,
           " on a side");
    gif_.reset(EGifOpen(&bytes_, append, nullptr));
    if (!gif_) fail(name_, ": out of memory for a GIF encoder");
    EGifSetGifVersion(gif_.get(), true);
    check(EGifPutScreenDesc(gif_.get(), width, height, 8, 0, nullptr));
    put_loops(options.loops);
    if (!options.comment.empty()) check(EGifPutComment(gif_.get(), options.comment.c_str()));
  }

  void add(const Image& rgb, int milliseconds) override {
    const std::vector<PackedColor> palette = choose_palette(rgb, kColors);
    std::vector<uint8_t> indices = pattern_dither(rgb, palette);
    const ColorMap colors(palette);
    put_delay(milliseconds);
    check(EGifPutImageDesc(gif_.get(), 0, 0, rgb.width, rgb.height, false, colors.object));
    for (int y = 0; y < rgb.height; ++y)
      check(EGifPutLine(gif_.get(), &indices[static_cast<size_t>(y) * rgb.width], rgb.width));
  }

  std::string finish() override {
    const int closed = EGifCloseFile(gif_.release(), nullptr);
    if (closed != GIF_OK) fail(name_, ": GIF can't be encoded");
    return std::move(bytes_);
  }

 private:
  static int append(GifFileType* gif, const GifByteType* bytes, int count) {
    try {
      static_cast<std::string*>(gif->UserData)
          ->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(count));
      return count;
    } catch (const std::exception&) {  // out of memory; giflib can't be passed through
      return 0;
    }
  }

  void check(int result) {
    if (result != GIF_OK) fail(name_, ": GIF can't be encoded: ", GifErrorString(gif_->Error));
  }

  /// The block says how often all is shown again; 0 is for ever, and without it it isn't.
  void put_loops(int loops) {
    if (loops == 1) return;
    const int again = loops == 0 ? 0 : loops - 1;
    const GifByteType block[] = {1, static_cast<GifByteType>(again % 256),
                                 static_cast<GifByteType>(again / 256)};
    check(EGifPutExtensionLeader(gif_.get(), APPLICATION_EXT_FUNC_CODE));
    check(EGifPutExtensionBlock(gif_.get(), 11, "NETSCAPE2.0"));
    check(EGifPutExtensionBlock(gif_.get(), sizeof block, block));
    check(EGifPutExtensionTrailer(gif_.get()));
  }

  void put_delay(int milliseconds) {
    const GraphicsControlBlock control = {.DisposalMode = DISPOSE_DO_NOT,
                                          .UserInputFlag = false,
                                          .DelayTime = (milliseconds + 5) / 10,
                                          .TransparentColor = NO_TRANSPARENT_COLOR};
    GifByteType bytes[4];
    const size_t count = EGifGCBToExtension(&control, bytes);
    check(EGifPutExtension(gif_.get(), GRAPHICS_EXT_FUNC_CODE, static_cast<int>(count), bytes));
  }

  std::string name_;
  std::string bytes_;
  std::unique_ptr<GifFileType, Deleter> gif_;  // after what it writes to
};

}  // namespace

std::unique_ptr<Encoder> gif_encoder(int width, int height, const AnimationOptions& options,
                                     const std::string& name) {
  return std::make_unique<GifEncoder>(width, height, options, name);
}

}  // namespace mezzotint::animation_codecs
