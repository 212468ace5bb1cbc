#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/data/dataset.h"

#include "tests/data/scratch_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;
using testing::ScratchFolder;

std::string grey_pixel(uint8_t value) { return encode_png({1, 1, 1, {value}, {}, {}}); }

std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < dataset.size(); ++i) names.push_back(dataset.get(i).name);
  return names;
}

TEST(ImageFolder, TakesPicturesInOrderAndLeavesTheRest) {
  const ScratchFolder folder;
  folder.write("b.png", grey_pixel(2));
  folder.write("a.PNG", grey_pixel(1));
  folder.write("sub/deep/c.png", grey_pixel(3));
  folder.write("metadata.jsonl", "{}");
  folder.write("notes.txt", "x");
  folder.write(".hidden.png", grey_pixel(9));
  folder.write(".cache/d.png", grey_pixel(9));
  const DatasetPtr dataset = open_dataset(folder.path().string());
  EXPECT_EQ(names_of(*dataset), (std::vector<std::string>{"a.PNG", "b.png", "sub/deep/c.png"}));
  EXPECT_TRUE(dataset->class_names().empty());
  EXPECT_EQ(dataset->get(2).image.pixels, std::vector<uint8_t>{3});
  EXPECT_EQ(dataset->get(2).label, -1);
  EXPECT_EQ(dataset->describe(), "image folder: 3 pictures, no classes");
  EXPECT_THROW(dataset->get(3), Error);
  EXPECT_THROW(dataset->get(-1), Error);
}

TEST(ImageFolder, SubFoldersAreClasses) {
  const ScratchFolder folder;
  folder.write("dog/1.png", grey_pixel(1));
  folder.write("cat/2.png", grey_pixel(2));
  folder.write("cat/kitten/3.png", grey_pixel(3));
  const DatasetPtr dataset = open_dataset(folder.path().string());
  EXPECT_EQ(dataset->class_names(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(dataset->get(0).label, 0);
  EXPECT_EQ(dataset->get(1).label, 0);
  EXPECT_EQ(dataset->get(2).label, 1);
  EXPECT_EQ(dataset->describe(), "image folder: 3 pictures, 2 classes");
}

TEST(ImageFolder, FoldersNamedAsSplitsAreSplits) {
  const ScratchFolder folder;
  folder.write("train/cat/1.png", grey_pixel(1));
  folder.write("train/dog/2.png", grey_pixel(2));
  folder.write("test/cat/3.png", grey_pixel(3));
  folder.write("README.md", "x");
  const DatasetPtr train = open_dataset(folder.path().string());
  EXPECT_EQ(names_of(*train), (std::vector<std::string>{"cat/1.png", "dog/2.png"}));
  EXPECT_EQ(train->class_names(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(names_of(*open_dataset(folder.path().string(), "test")),
            std::vector<std::string>{"cat/3.png"});
  folder.write("other/4.png", grey_pixel(4));  // now they are classes
  EXPECT_EQ(open_dataset(folder.path().string())->class_names(),
            (std::vector<std::string>{"other", "test", "train"}));
  EXPECT_THROW(open_dataset(folder.path().string(), "test"), Error);
}

TEST(ImageFolder, SymbolicLinksNeitherLoopNorRepeat) {
  const ScratchFolder folder, elsewhere;
  folder.write("one/a.png", grey_pixel(1));
  elsewhere.write("b.png", grey_pixel(2));
  fs::create_directory_symlink(folder.path(), folder.path() / "one" / "up");
  fs::create_directory_symlink("self", folder.path() / "self");
  fs::create_directory_symlink(folder.path() / "one", folder.path() / "again");
  fs::create_directory_symlink(elsewhere.path(), folder.path() / "zoo");
  fs::create_symlink(folder.path() / "one" / "a.png", folder.path() / "one" / "c.png");
  EXPECT_EQ(names_of(*open_dataset(folder.path().string())),
            (std::vector<std::string>{"one/a.png", "one/c.png", "zoo/b.png"}));
}

TEST(ImageFolder, ADanglingLinkIsADamagedPicture) {
  const ScratchFolder folder;
  fs::create_symlink("nowhere", folder.path() / "dangling.png");
  const DatasetPtr dataset = open_dataset(folder.path().string());
  ASSERT_EQ(dataset->size(), 1);
  EXPECT_THROW(dataset->get(0), Error);
}

TEST(ImageFolder, ADamagedPictureIsReportedByName) {
  const ScratchFolder folder;
  folder.write("whole.png", grey_pixel(1));
  folder.write("broken.png", grey_pixel(1).substr(0, 50));
  const DatasetPtr dataset = open_dataset(folder.path().string());
  ASSERT_EQ(dataset->size(), 2);
  try {
    dataset->get(0);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("broken.png: damaged PNG"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(dataset->get(1).image.pixels, std::vector<uint8_t>{1});
}

TEST(ImageFolder, AFolderWithoutPicturesIsAnError) {
  const ScratchFolder folder;
  folder.write("notes.txt", "x");
  EXPECT_THROW(open_dataset(folder.path().string()), Error);
}

TEST(OpenDataset, SuggestsTheNameThatWasMeant) {
  try {
    open_dataset("fashon-mnist");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "data set 'fashon-mnist': no such file or folder, and no known name, did you mean "
                 "'fashion-mnist'?; known names: fashion-mnist");
    EXPECT_EQ(error.kind(), ErrorKind::kFailed);
  }
  EXPECT_THROW(open_dataset("fashion-mnist", "validation"), Error);
}

}  // namespace
}  // namespace mezzotint
