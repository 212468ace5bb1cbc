#include "mezzotint/training/record_files.h"

#include <ATen/ops/tensor.h>

#include <gtest/gtest.h>

#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/training/histogram_of.h"

#include "tests/training/tiny_run.h"

namespace mezzotint {
namespace {

using namespace testing;

Record number(int64_t micro_batch, const std::string& name, double value) {
  Record record;
  record.at.micro_batch = micro_batch;
  record.at.update = micro_batch;
  record.name = name;
  record.value = value;
  return record;
}

TEST(RecordFile, HalfALineAtTheEndIsPassedOver) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "metrics.jsonl";
  RecordFile(path, RecordFile::Form::kJsonl, -1).log(number(1, "loss", 0.5));
  const std::string line = read_file(path);
  for (size_t length = 1; length + 1 < line.size(); ++length) {
    write_file_atomic(path, line + line.substr(0, length));
    ASSERT_EQ(read_records(path).size(), 1U) << length;
  }
  write_file_atomic(path, line + line.substr(0, line.size() - 1));  // all but the newline
  EXPECT_EQ(read_records(path).size(), 2U);
  write_file_atomic(path, line.substr(0, 20) + "\n" + line);
  EXPECT_THROW(read_records(path), Error);
}

TEST(RecordFile, ReadsBackWhatWasLogged) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "metrics.jsonl";
  {
    RecordFile file(path, RecordFile::Form::kJsonl, -1);
    file.log(number(1, "loss", 0.1));
    file.log({{0, 1, 1, 1, 4}, "samples", std::filesystem::path("samples/a.png")});
    file.log({{0, 1, 1, 1, 4}, "checkpoint", std::string("quote \" and\nline")});
    file.log(number(2, "loss", std::nan("")));
    file.log({{0, 1, 1, 1, 4}, "weights/a", histogram_of(at::tensor({-1.0F, 0.5F, NAN}))});
  }
  const std::vector<Record> records = read_records(path);
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(*records[0].number(), 0.1);
  EXPECT_EQ(*records[1].image(), "samples/a.png");
  EXPECT_EQ(records[1].at.images, 4);
  EXPECT_EQ(*records[2].text(), "quote \" and\nline");
  EXPECT_TRUE(std::isnan(*records[3].number()));
  EXPECT_EQ(records[4].histogram()->min, -1.0);
  EXPECT_EQ(to_json(*records[4].histogram()),
            to_json(histogram_of(at::tensor({-1.0F, 0.5F, NAN}))));
}

TEST(RecordFile, TheCsvHasNumbersOnly) {
  const ScratchFolder folder;
  RecordFile file(folder / "metrics.csv", RecordFile::Form::kCsv, -1);
  file.log({{0, 1, 1, 1, 4}, "samples", std::filesystem::path("samples/a.png")});
  file.log({{0, 1, 1, 1, 4}, "weights/a", histogram_of(at::tensor({-1.0F, 0.5F}))});
  file.log(number(1, "loss", 0.5));
  const std::string text = read_file(folder / "metrics.csv");
  EXPECT_EQ(text.substr(text.find('\n') + 1), "0,0,1,1,0,loss,0.5\n");
}

TEST(RecordFile, NamesTheDamagedLine) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "metrics.jsonl";
  for (const char* value : {R"({"image":3})", R"({"histogram":[]})", R"([])", "true", "{}",
                            R"({"histogram":{"first":2000,"counts":[1]}})"}) {
    write_file_atomic(path, concat(R"({"name":"a","value":)", value, "}\n"));
    const std::string message = error_of([&] { read_records(path); });
    EXPECT_EQ(message.rfind(path.string() + ":1: ", 0), 0u) << message;
  }
}

TEST(RecordFile, PassesOverTheDamagedLineForThoseThatMakeDo) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "metrics.jsonl";
  const std::string good = R"({"name":"a","value":1})";
  write_file_atomic(path, good + "\nno record\n" + good + "\n[]\n" + good + "\n{\"na");
  int64_t visited = 0;
  const BadLines bad = for_each_good_record(path, [&](const Record&) { ++visited; });
  EXPECT_EQ(visited, 3);
  EXPECT_EQ(bad.count, 2);
  EXPECT_EQ(bad.first, 2);
}

TEST(RecordFile, DropsWhatAResumedRunWillWriteAgain) {
  const ScratchFolder folder;
  for (const auto form : {RecordFile::Form::kJsonl, RecordFile::Form::kCsv}) {
    const std::filesystem::path path = folder / "metrics";
    {
      RecordFile file(path, form, -1);
      for (int64_t i = 1; i <= 5; ++i) file.log(number(i, "loss", 0.5));
    }
    std::filesystem::resize_file(path,
                                 std::filesystem::file_size(path) - 3);  // killed while writing
    const RecordFile again(path, form, 3);
    const std::string text = read_file(path);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_EQ(lines, form == RecordFile::Form::kCsv ? 4 : 3) << text;
  }
}

}  // namespace
}  // namespace mezzotint
