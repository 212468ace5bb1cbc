#include "mezzotint/io/animation.h"

#include <csignal>

#include <gif_lib.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <webp/demux.h>

#include "mezzotint/base/error.h"

#include "tests/io/random_image.h"
#include "tests/io/temporary_folder.h"
#include "tests/pam.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

/// What an animation holds, by the reader of its format.
struct Read {
  std::vector<Image> frames;   // RGB
  std::vector<int> durations;  // ms
  int loops = -1;              // as the format has it
  std::string comment;
};

Read read_webp(const fs::path& path) {
  const std::string bytes = contents(path);
  const WebPData data = {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  WebPAnimDecoder* decoder = WebPAnimDecoderNew(&data, nullptr);
  if (!decoder) fail("no animation");
  WebPAnimInfo info;
  WebPAnimDecoderGetInfo(decoder, &info);
  Read read{.loops = static_cast<int>(info.loop_count)};
  uint8_t* rgba = nullptr;
  int end = 0, begin = 0;
  while (WebPAnimDecoderGetNext(decoder, &rgba, &end)) {
    Image frame{.width = static_cast<int>(info.canvas_width),
                .height = static_cast<int>(info.canvas_height),
                .channels = 3};
    for (size_t i = 0; i < size_t{info.canvas_width} * info.canvas_height; ++i) {
      EXPECT_EQ(rgba[4 * i + 3], 255);
      frame.pixels.insert(frame.pixels.end(), rgba + 4 * i, rgba + 4 * i + 3);
    }
    read.frames.push_back(std::move(frame));
    read.durations.push_back(end - std::exchange(begin, end));
  }
  WebPChunkIterator xmp;
  if (WebPDemuxGetChunk(WebPAnimDecoderGetDemuxer(decoder), "XMP ", 1, &xmp))
    read.comment.assign(reinterpret_cast<const char*>(xmp.chunk.bytes), xmp.chunk.size);
  WebPDemuxReleaseChunkIterator(&xmp);
  WebPAnimDecoderDelete(decoder);
  return read;
}

Image rgb_of(const SavedImage& saved) {
  const GifImageDesc& desc = saved.ImageDesc;
  EXPECT_NE(desc.ColorMap, nullptr) << "each frame has its own colours";
  Image frame{.width = desc.Width, .height = desc.Height, .channels = 3};
  for (int i = 0; i < desc.Width * desc.Height; ++i) {
    const GifColorType color = desc.ColorMap->Colors[saved.RasterBits[i]];
    frame.pixels.insert(frame.pixels.end(), {color.Red, color.Green, color.Blue});
  }
  return frame;
}

/// The comment and Netscape's block, which stand before the first frame.
void read_extensions(const SavedImage& first, Read& read) {
  bool in_comment = false;
  for (int i = 0; i < first.ExtensionBlockCount; ++i) {
    const ExtensionBlock& block = first.ExtensionBlocks[i];
    const std::string bytes(reinterpret_cast<const char*>(block.Bytes), block.ByteCount);
    if (block.Function != CONTINUE_EXT_FUNC_CODE)
      in_comment = block.Function == COMMENT_EXT_FUNC_CODE;
    if (in_comment) read.comment += bytes;
    if (block.Function == APPLICATION_EXT_FUNC_CODE && bytes == "NETSCAPE2.0")
      read.loops =
          first.ExtensionBlocks[i + 1].Bytes[1] + 256 * first.ExtensionBlocks[i + 1].Bytes[2];
  }
}

Read read_gif(const fs::path& path) {
  int error = 0;
  GifFileType* gif = DGifOpenFileName(path.c_str(), &error);
  if (!gif || DGifSlurp(gif) != GIF_OK) fail("no GIF: ", GifErrorString(error));
  Read read;
  for (int i = 0; i < gif->ImageCount; ++i) {
    EXPECT_EQ(gif->SavedImages[i].ImageDesc.Width, gif->SWidth);
    EXPECT_EQ(gif->SavedImages[i].ImageDesc.Height, gif->SHeight);
    read.frames.push_back(rgb_of(gif->SavedImages[i]));
    GraphicsControlBlock control;
    EXPECT_EQ(DGifSavedExtensionToGCB(gif, i, &control), GIF_OK);
    EXPECT_EQ(control.TransparentColor, NO_TRANSPARENT_COLOR);
    read.durations.push_back(10 * control.DelayTime);
  }
  read_extensions(gif->SavedImages[0], read);
  DGifCloseFile(gif, nullptr);
  return read;
}

std::vector<Image> random_frames(int width, int height) {
  return {random_image(width, height, 3, 1), random_image(width, height, 3, 2),
          random_image(width, height, 3, 3)};
}

class Animation : public ::testing::Test {
 protected:
  std::string refused(const fs::path& path, const std::vector<Image>& frames,
                      const AnimationOptions& options = {}) {
    return message_of([&] { write_animation(path, frames, options); });
  }

  TemporaryFolder folder_;
};

TEST_F(Animation, WebPIsExact) {
  const std::vector<Image> frames = random_frames(33, 18);
  write_animation(folder_ / "a.webp", frames, {.frame_ms = 70, .last_frame_ms = 2000, .loops = 3});
  const Read read = read_webp(folder_ / "a.webp");
  ASSERT_EQ(read.frames.size(), 3);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(read.frames[i].pixels, frames[i].pixels);
  EXPECT_EQ(read.durations, (std::vector{70, 70, 2000}));
  EXPECT_EQ(read.loops, 3);
  EXPECT_EQ(read.comment, "");
}

TEST_F(Animation, WebPOfGreyLoopsForEverAndCarriesItsComment) {
  const std::vector<Image> frames = {random_image(5, 7, 1, 1), random_image(5, 7, 1, 2)};
  write_animation(folder_ / "a.webp", frames, {.comment = "{\"a\": \"<1 & 2>\"}"});
  const Read read = read_webp(folder_ / "a.webp");
  ASSERT_EQ(read.frames.size(), 2);
  for (size_t i = 0; i < 5 * 7 * 3; ++i)
    EXPECT_EQ(read.frames[1].pixels[i], frames[1].pixels[i / 3]);
  EXPECT_EQ(read.loops, 0);
  EXPECT_NE(read.comment.find(">{\"a\": \"&lt;1 &amp; 2&gt;\"}</rdf:li>"), std::string::npos);
}

TEST_F(Animation, GifIsExactWhereAFrameHasFewColours) {
  std::vector<Image> frames;
  for (const int width : {1, 2, 3, 129, 256}) {  // so many greys, in tables of 2 to 256 colours
    Image frame{.width = 256, .height = 3, .channels = 1};
    for (int i = 0; i < 256 * 3; ++i) frame.pixels.push_back(static_cast<uint8_t>(i % 256 % width));
    frames.push_back(frame);
  }
  const std::string comment(700, 'c');  // in parts of 255 bytes
  write_animation(folder_ / "a.gif", frames,
                  {.frame_ms = 64, .last_frame_ms = 2000, .comment = comment});
  const Read read = read_gif(folder_ / "a.gif");
  ASSERT_EQ(read.frames.size(), 5);
  for (size_t k = 0; k < 5; ++k)
    for (size_t i = 0; i < 256 * 3 * 3; ++i)
      ASSERT_EQ(read.frames[k].pixels[i], frames[k].pixels[i / 3]) << k << " at " << i;
  EXPECT_EQ(read.durations, (std::vector{60, 60, 60, 60, 2000}));
  EXPECT_EQ(read.loops, 0);
  EXPECT_EQ(read.comment, comment);
}

TEST_F(Animation, GifOfManyColoursIsNearToThem) {
  const std::vector<Image> frames = random_frames(64, 48);
  write_animation(folder_ / "a.gif", frames, {.loops = 3});
  const Read read = read_gif(folder_ / "a.gif");
  ASSERT_EQ(read.frames.size(), 3);
  // Noise is the worst: 256 colours stand 40 apart in each channel.
  for (size_t k = 0; k < 3; ++k) {
    ASSERT_EQ(read.frames[k].pixels.size(), frames[k].pixels.size());
    double sum = 0;
    for (size_t i = 0; i < frames[k].pixels.size(); ++i)
      sum += std::abs(read.frames[k].pixels[i] - frames[k].pixels[i]);
    EXPECT_LT(sum / static_cast<double>(frames[k].pixels.size()), 20);
    EXPECT_LT(testing::max_difference(read.frames[k], frames[k]), 100);
  }
  EXPECT_EQ(read.loops, 2) << "how often it is shown again";
}

TEST_F(Animation, ShownOnceHasNoLoops) {
  write_animation(folder_ / "a.gif", random_frames(8, 8), {.loops = 1});
  EXPECT_EQ(read_gif(folder_ / "a.gif").loops, -1);
}

TEST_F(Animation, FramesThatDontFit) {
  EXPECT_NE(refused(folder_ / "a.mp4", random_frames(4, 4))
                .find("got the ending '.mp4', wanted .webp or .gif"),
            std::string::npos);
  for (const char* name : {"a.gif", "a.webp"}) {
    const fs::path path = folder_ / name;
    const Image small = random_image(4, 4, 3, 1);
    EXPECT_NE(refused(path, {small, random_image(4, 5, 3, 1)}).find("4 x 5 after one of 4 x 4"),
              std::string::npos);
    EXPECT_NE(refused(path, {random_image(4, 4, 4, 1)}).find("4 channels"), std::string::npos);
    EXPECT_NE(refused(path, {{.width = 4, .height = 4, .channels = 3}}).find("0 bytes"),
              std::string::npos);
    EXPECT_NE(refused(path, {}).find("without frames"), std::string::npos);
    EXPECT_NE(refused(path, {small}, {.frame_ms = 10}).find("10 ms"), std::string::npos);
    EXPECT_NE(refused(path, {small}, {.loops = 65536}).find("65536 loops"), std::string::npos);
    EXPECT_NE(refused(path, {random_image(65536, 1, 1, 1)}).find("65536 x 1"), std::string::npos);
  }
  EXPECT_NE(refused(folder_ / "a.webp", {random_image(1, 16384, 1, 1)}).find("at most 16383"),
            std::string::npos);
  EXPECT_TRUE(folder_.listing().empty());
}

TEST_F(Animation, AnUnfinishedOneLeavesNothing) {
  {
    AnimationWriter writer(folder_ / "a.gif", {});
    writer.add(random_image(4, 4, 3, 1));
    writer.add(random_image(4, 4, 3, 2));
    EXPECT_TRUE(folder_.listing().empty());
  }
  EXPECT_TRUE(folder_.listing().empty());
  AnimationWriter writer(folder_ / "a.gif", {});
  writer.add(random_image(4, 4, 3, 1));
  writer.finish();
  EXPECT_EQ(folder_.listing(), std::vector<std::string>{"a.gif"});
  EXPECT_NE(message_of([&] { writer.finish(); }), "");
  EXPECT_NE(message_of([&] { writer.add(random_image(4, 4, 3, 1)); }), "");
}

TEST_F(Animation, AFullDiskLeavesTheOldFile) {
  rlimit before = {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  for (const char* name : {"a.gif", "a.webp"}) {
    put(folder_ / name, "old");
    const rlimit least = {1000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &least);
    const std::string message = refused(folder_ / name, random_frames(64, 64));
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_NE(message.find("cannot write " + (folder_ / name).string()), std::string::npos);
    EXPECT_EQ(contents(folder_ / name), "old");
  }
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(folder_.listing().size(), 2);
  EXPECT_NE(refused(folder_ / "none/a.gif", random_frames(4, 4)).find("cannot write"),
            std::string::npos);
}

}  // namespace
}  // namespace mezzotint
