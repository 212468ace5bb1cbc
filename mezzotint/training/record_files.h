#pragma once

#include <cstdio>
#include <filesystem>
#include <vector>

#include "mezzotint/training/record.h"

namespace mezzotint {

/// One record a line:
/// {"epoch":..,"batch":..,"micro_batch":..,"update":..,"images":..,"name":..,"value":..}; a picture
/// stands as {"image": PATH}. A last line without its end, as a killed run may leave it, is passed
/// over. @throws Error naming the file and line.
std::vector<Record> read_records(const std::filesystem::path& path);

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
