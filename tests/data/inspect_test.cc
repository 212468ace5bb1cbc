#include "mezzotint/data/inspect.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

#include "tests/data/scratch_folder.h"

namespace mezzotint {
namespace {

using testing::ScratchFolder;

std::string png(int width, int channels, uint8_t value) {
  return encode_png({width, 1, channels, std::vector<uint8_t>(width * channels, value), {}, {}});
}

TEST(Inspect, CountsNamesAndCompares) {
  const ScratchFolder folder;
  folder.write("a/1.png", png(4, 3, 1));
  folder.write("a/2.png", png(4, 3, 2));
  folder.write("b/3.png", png(4, 3, 1));
  folder.write("b/4.png", png(12, 1, 1));  // the same bytes in another shape: no duplicate
  folder.write("b/5.png", png(4, 2, 1).substr(0, 60));
  folder.write("notes.txt", "x");
  const DatasetPtr dataset = open_dataset(folder.path().string());
  int64_t calls = 0;
  const DataReport report = inspect(*dataset, [&](int64_t done) { EXPECT_EQ(done, ++calls); });
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(report.items, 5);
  EXPECT_EQ(report.sizes.at({4, 1}), 3);
  EXPECT_EQ(report.sizes.at({12, 1}), 1);
  EXPECT_EQ(report.channels, (std::map<int, int64_t>{{1, 1}, {3, 3}}));
  EXPECT_EQ(report.stored_as.at("PNG RGB"), 3);
  EXPECT_EQ(report.class_counts, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(report.duplicates, (std::vector<std::vector<std::string>>{{"a/1.png", "b/3.png"}}));
  EXPECT_EQ(report.skipped, std::vector<std::string>{"notes.txt"});
  ASSERT_EQ(report.damaged.size(), 1u);
  EXPECT_NE(report.damaged[0].find("b/5.png"), std::string::npos);
}

TEST(Inspect, CanBeStopped) {
  const ScratchFolder folder;
  folder.write("1.png", png(4, 3, 1));
  const DatasetPtr dataset = open_dataset(folder.path().string());
  EXPECT_THROW(inspect(*dataset, [](int64_t) { throw Error("cancelled", ErrorKind::kCancelled); }),
               Error);
}

}  // namespace
}  // namespace mezzotint
