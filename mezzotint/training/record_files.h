#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <vector>

#include "mezzotint/training/record.h"

namespace mezzotint {

/// One record a line:
/// {"epoch":..,"batch":..,"micro_batch":..,"update":..,"images":..,"name":..,"value":..}; a picture
/// stands as {"image": PATH}, a histogram as {"histogram": {its fields}}. Half a line at the end,
/// which is being written or which a killed run left, is passed over. @throws Error naming the file
/// and line.
std::vector<Record> read_records(const std::filesystem::path& path);

/// The same, one record after another and none kept: for files of any size.
void for_each_record(const std::filesystem::path& path,
                     const std::function<void(const Record&)>& visit);

/// Lines that are no records: how many, and the number of the first.
struct BadLines {
  int64_t count = 0;
  int64_t first = 0;
};

/// "PATH: passed over 2 lines with no record in them, the first is line 17".
std::string passed_over(const std::filesystem::path& path, const BadLines& bad);

/// for_each_record() for a reader that makes do with what there is: what is no record is passed
/// over. @throws Error when the file can't be opened.
BadLines for_each_good_record(const std::filesystem::path& path,
                              const std::function<void(const Record&)>& visit);

/// Appends records to a file, each line at once, so that a killed run loses none. A run that goes
/// on from a checkpoint first drops what was written after it.
class RecordFile : public Logger {
 public:
  enum class Form {
    kJsonl,
    kCsv,  ///< numbers only
  };
  /// @param after drops records later than this micro-batch; -1 drops all.
  RecordFile(const std::filesystem::path& path, Form form, int64_t after);
  void log(const Record& record) override;
  void rewind(const Position& to) override { open(to.micro_batch); }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void open(int64_t after);

  std::filesystem::path path_;
  Form form_;
  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace mezzotint
