#include "mezzotint/io/image.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <zlib.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"

#include "tests/pam.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;
using testing::max_difference;
using testing::read_pams;

// tools/reference/images.py writes the pictures and, beside each, the pixels that it must give.
const fs::path kFolder = fs::path(MEZZOTINT_TEST_DATA) / "io/data/images";

std::vector<std::string> picture_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder))
    if (entry.path().extension() != ".pam") names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::string error_of(std::string_view bytes) {
  try {
    decode_image(bytes, "x");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

class Picture : public ::testing::TestWithParam<std::string> {};

TEST_P(Picture, DecodesToTheExpectedPixels) {
  const Image image = read_image(kFolder / GetParam());
  const Image expected = read_pams(kFolder / (GetParam() + ".pam")).at(0);
  EXPECT_EQ(image.channels, expected.channels) << image.stored_as;
  // Lossy decoders may round differently from those that Pillow brings.
  const bool lossy = GetParam().ends_with(".jpg") || GetParam().starts_with("lossy");
  EXPECT_LE(max_difference(image, expected), lossy ? 1 : 0) << image.stored_as;
}

// Wherever a file ends early, and whichever byte is wrong, the outcome is a picture or an Error.
TEST_P(Picture, DamageIsAnErrorOrAPicture) {
  const std::string whole = read_file(kFolder / GetParam());
  const size_t step = std::max<size_t>(1, whole.size() / 300);
  for (size_t i = 0; i < whole.size(); i += step) {
    EXPECT_NE(error_of(whole.substr(0, i)), "")
        << "cut to " << i << " of " << whole.size() << " bytes";
    for (const char bits : {'\x01', '\x80', '\xff'}) {
      std::string flipped = whole;
      flipped[i] = static_cast<char>(flipped[i] ^ bits);
      error_of(flipped);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Picture, ::testing::ValuesIn(picture_names()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

TEST(Image, SaysHowAFileHoldsIt) {
  EXPECT_EQ(read_image(kFolder / "grey16.png").stored_as, "PNG grey 16-bit");
  EXPECT_EQ(read_image(kFolder / "palette2_alpha.png").stored_as, "PNG palette+transparency 2-bit");
  EXPECT_EQ(read_image(kFolder / "ycck.jpg").stored_as, "JPEG YCCK");
  EXPECT_EQ(read_image(kFolder / "lossy_alpha.webp").stored_as, "WebP RGBA");
  EXPECT_EQ(read_image(kFolder / "animation.webp").stored_as, "WebP RGBA animation");
}

TEST(Image, ReadsTextOfEveryKind) {
  const Image image = read_image(kFolder / "text.png");
  EXPECT_EQ(image.text.at("parameters"), "a caf\u00e9\nSteps: 20");
  EXPECT_EQ(image.text.at("squeezed"), std::string(1000, 'x'));
  EXPECT_EQ(image.text.at("json"), "{\"name\": \"\u65e5\u672c\"}");
}

TEST(Image, PngRoundTrip) {
  for (int channels = 1; channels <= 4; ++channels) {
    Image image = {7, 5, channels, {}, {}, {}};
    for (int i = 0; i < 35 * channels; ++i) image.pixels.push_back(static_cast<uint8_t>(i * 37));
    image.text = {{"parameters", "line\nline \u00fc"}, {"recipe", "\u2192 {}"}, {"empty", ""}};
    const Image back = decode_image(encode_png(image), "x");
    EXPECT_EQ(max_difference(back, image), 0);
    EXPECT_EQ(back.text, image.text);
  }
}

TEST(Image, WritesAFileThatIsReadBack) {
  const fs::path path = fs::path(::testing::TempDir()) / "image_test.png";
  write_png(path, {2, 1, 3, {1, 2, 3, 4, 5, 6}, {{"a", "b"}}, {}});
  const Image back = read_image(path);
  EXPECT_EQ(back.pixels, (std::vector<uint8_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(back.text.at("a"), "b");
  fs::remove(path);
}

TEST(Image, RefusesToWriteWhatIsNoPicture) {
  EXPECT_THROW(encode_png({2, 2, 3, {1, 2, 3}, {}, {}}), Error);
  EXPECT_THROW(encode_png({0, 2, 3, {}, {}, {}}), Error);
  EXPECT_THROW(encode_png({1, 1, 5, {1, 2, 3, 4, 5}, {}, {}}), Error);
  EXPECT_THROW(encode_png({1, 1, 1, {1}, {{"", "x"}}, {}}), Error);
  EXPECT_THROW(encode_png({1, 1, 1, {1}, {{std::string(80, 'k'), "x"}}, {}}), Error);
}

TEST(Image, NamesWhatIsNoPicture) {
  EXPECT_EQ(error_of(""), "x: an empty file, wanted a PNG, JPEG or WebP picture");
  EXPECT_EQ(error_of("GIF89a"), "x: not a PNG, JPEG or WebP picture");
  EXPECT_NE(error_of("version https://git-lfs.github.com/spec/v1\n").find("git-lfs pointer"),
            std::string::npos);
}

/// The picture with its IHDR's width and height replaced, checksum and all.
std::string png_with_size(std::string png, uint32_t width, uint32_t height) {
  const auto put = [&png](size_t at, uint32_t value) {
    for (int i = 0; i < 4; ++i) png[at + i] = static_cast<char>(value >> (24 - 8 * i));
  };
  put(16, width);
  put(20, height);
  put(29, static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(&png[12]), 17)));
  return png;
}

TEST(Image, HostileSizesAreRefusedBeforeAnythingIsAllocated) {
  const std::string png = read_file(kFolder / "rgb8.png");
  EXPECT_EQ(error_of(png_with_size(png, 100000, 100000)),
            "x: 100000 x 100000 pixels are too many; at most 178956970 are read");
  EXPECT_NE(error_of(png_with_size(png, 10000, 10000)).find("can't hold 10000 x 10000 pixels"),
            std::string::npos);
  std::string jpeg = read_file(kFolder / "rgb444.jpg");
  const size_t frame = jpeg.find("\xff\xc0");
  for (size_t i = 5; i < 9; ++i) jpeg[frame + i] = '\xf0';
  EXPECT_NE(error_of(jpeg).find("61680 x 61680 pixels are too many"), std::string::npos)
      << error_of(jpeg);
}

TEST(Image, AChunkThatClaimsMoreThanTheFileHoldsIsRefused) {
  std::string png = read_file(kFolder / "text.png");
  const size_t chunk = png.find("zTXt") - 4;
  png[chunk] = '\x7d';  // two gigabytes
  EXPECT_EQ(error_of(png), "x: damaged PNG: the file ends early");
}

}  // namespace
}  // namespace mezzotint
