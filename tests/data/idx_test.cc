#include <gtest/gtest.h>
#include <zlib.h>

#include "mezzotint/base/error.h"
#include "mezzotint/data/dataset.h"

#include "tests/data/scratch_folder.h"

namespace mezzotint {
namespace {

using testing::ScratchFolder;

std::string idx(const std::vector<uint32_t>& sizes, const std::string& values, char type = 8) {
  std::string bytes = {'\0', '\0', type, static_cast<char>(sizes.size())};
  for (const uint32_t size : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  return bytes + values;
}

std::string gzipped(const std::string& plain) {
  std::string packed(plain.size() + 1000, '\0');
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string error_of(const std::filesystem::path& path) {
  try {
    open_dataset(path.string());
  } catch (const Error& error) {
    const std::string text = error.what();
    const size_t colon = text.find("ubyte");
    return colon == std::string::npos ? text : text.substr(text.find(": ", colon) + 2);
  }
  return "";
}

const std::string kPixels = "abcdefghijkl";  // two pictures of 3 x 2

void expect_two_pictures(const Dataset& dataset) {
  ASSERT_EQ(dataset.size(), 2);
  const Example example = dataset.get(1);
  EXPECT_EQ(example.image.width, 3);
  EXPECT_EQ(example.image.height, 2);
  EXPECT_EQ(std::string(example.image.pixels.begin(), example.image.pixels.end()), "ghijkl");
  EXPECT_EQ(example.label, 2);
  EXPECT_EQ(example.name, "train[1]");
  EXPECT_EQ(dataset.class_names(), (std::vector<std::string>{"0", "1", "2"}));
}

TEST(Idx, ReadsAFolderPlainOrGzipped) {
  const ScratchFolder plain, packed;
  plain.write("train-images-idx3-ubyte", idx({2, 2, 3}, kPixels));
  plain.write("train-labels-idx1-ubyte", idx({2}, {'\0', '\2'}));
  expect_two_pictures(*open_dataset(plain.path().string()));
  plain.write("train-images-idx3-ubyte.gz", gzipped(idx({2, 2, 3}, kPixels)));
  std::filesystem::remove(plain.path() / "train-images-idx3-ubyte");
  expect_two_pictures(*open_dataset(plain.path().string()));
  expect_two_pictures(*open_dataset((plain.path() / "train-images-idx3-ubyte.gz").string()));
  EXPECT_EQ(open_dataset(plain.path().string())->describe(),
            "idx: 2 grey pictures of 3 x 2, 3 classes");
}

TEST(Idx, TheSplitChoosesTheFile) {
  const ScratchFolder folder;
  folder.write("train-images.idx3-ubyte", idx({2, 2, 3}, kPixels));
  folder.write("t10k-images.idx3-ubyte", idx({1, 2, 3}, "ABCDEF"));
  EXPECT_EQ(open_dataset(folder.path().string())->size(), 2);
  const DatasetPtr test = open_dataset(folder.path().string(), "test");
  EXPECT_EQ(test->size(), 1);
  EXPECT_EQ(test->get(0).name, "test[0]");
  EXPECT_EQ(test->get(0).label, -1);
  EXPECT_TRUE(test->class_names().empty());
  std::filesystem::remove(folder.path() / "train-images.idx3-ubyte");
  EXPECT_NE(error_of(folder.path()).find("no pictures for the split 'train'"), std::string::npos);
}

TEST(Idx, EveryWrongHeaderIsNamed) {
  const ScratchFolder folder;
  const auto wrong = [&](const std::string& bytes) {
    return error_of(folder.write("train-images-idx3-ubyte", bytes));
  };
  EXPECT_EQ(wrong(""), "ends early: 0 of 4 bytes of the header");
  EXPECT_EQ(wrong("PNG!"), "not an idx file (its first two bytes aren't 0)");
  EXPECT_EQ(wrong(idx({2, 2, 3}, kPixels, 0x0d)),
            "idx values of type 13, wanted 8 (unsigned bytes)");
  EXPECT_EQ(wrong(idx({2}, "ab")), "idx with 1 dimension, wanted 3 (pictures)");
  EXPECT_EQ(wrong(idx({2, 2, 3}, kPixels + "x")), "has more bytes than its header says");
  EXPECT_EQ(wrong(idx({2, 2, 3}, "abc")), "ends early: 3 of 12 bytes of values");
  EXPECT_EQ(wrong(idx({2, 0, 3}, "")), "an empty idx file: one of its sizes is 0");
  EXPECT_EQ(wrong(idx({4000000000u, 4000000000u, 4000000000u}, "abc")),
            "its header asks for more than 16000000000 bytes");
  EXPECT_EQ(wrong(gzipped(idx({1000, 1000, 1000}, "abc"))),
            "its header asks for 1000000000 bytes, which a file of 32 bytes can't hold");
}

TEST(Idx, DamagedGzipIsNamed) {
  const ScratchFolder folder;
  const std::string packed = gzipped(idx({2, 2, 3}, kPixels));
  for (size_t i = 1; i < packed.size(); ++i)
    EXPECT_NE(error_of(folder.write("train-images-idx3-ubyte.gz", packed.substr(0, i))), "") << i;
  std::string flipped = packed;
  flipped[packed.size() - 6] = static_cast<char>(flipped[packed.size() - 6] ^ 1);  // the checksum
  EXPECT_NE(error_of(folder.write("train-images-idx3-ubyte.gz", flipped)).find("damaged"),
            std::string::npos);
}

TEST(Idx, LabelsMustMatchThePictures) {
  const ScratchFolder folder;
  folder.write("train-images-idx3-ubyte", idx({2, 2, 3}, kPixels));
  folder.write("train-labels-idx1-ubyte", idx({3}, "abc"));
  EXPECT_NE(error_of(folder.path()).find("3 labels for 2 pictures"), std::string::npos);
}

TEST(FashionMnist, HasTenClassesOf6000) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "dataset-fashion-mnist isn't installed";
  const DatasetPtr train = open_dataset("fashion-mnist"),
                   test = open_dataset("fashion-mnist", "test");
  EXPECT_EQ(train->size(), 60000);
  EXPECT_EQ(test->size(), 10000);
  EXPECT_EQ(train->class_names().at(9), "Ankle boot");
  EXPECT_EQ(train->get(0).label, 9);  // the first picture of the set is an ankle boot
  std::vector<int> counts(10);
  for (int64_t i = 0; i < train->size(); ++i) ++counts.at(train->get(i).label);
  for (const int count : counts) EXPECT_EQ(count, 6000);
}

}  // namespace
}  // namespace mezzotint
