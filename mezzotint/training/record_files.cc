#include "mezzotint/training/record_files.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCsvHead = "epoch,batch,micro_batch,update,images,name,value";

std::string json_line(const Record& record) {
  nlohmann::ordered_json line;
  line["epoch"] = record.at.epoch;
  line["batch"] = record.at.batch;
  line["micro_batch"] = record.at.micro_batch;
  line["update"] = record.at.update;
  line["images"] = record.at.images;
  line["name"] = record.name;
  if (const double* number = record.number())
    line["value"] = *number;  // NaN and infinity become null: JSON has no word for them
  else if (const fs::path* image = record.image())
    line["value"] = {{"image", image->generic_string()}};
  else
    line["value"] = *record.text();
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string csv_line(const Record& record) {
  const Position& at = record.at;
  return concat(at.epoch, ",", at.batch, ",", at.micro_batch, ",", at.update, ",", at.images, ",",
                record.name, ",", nlohmann::json(*record.number()).dump());
}

Record parse_line(const std::string& text, const std::string& where) {
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  MEZZO_CHECK(line.is_object() && line.contains("name") && line.contains("value"), where,
              ": not a record");
  Record record;
  from_json(record.at, line, where);
  record.name = line.at("name").get<std::string>();
  const nlohmann::json& value = line.at("value");
  if (value.is_number() || value.is_null())
    record.value = value.is_null() ? std::nan("") : value.get<double>();
  else if (value.is_object())
    record.value = fs::path(value.at("image").get<std::string>());
  else
    record.value = value.get<std::string>();
  return record;
}

/// The micro-batch of a line, or nothing for one that a killed run left unfinished.
std::optional<int64_t> micro_batch_of(const std::string& line, RecordFile::Form form) {
  if (form == RecordFile::Form::kCsv) {
    long long epoch = 0, batch = 0, micro_batch = 0;
    const bool whole =
        std::sscanf(line.c_str(), "%lld,%lld,%lld,", &epoch, &batch, &micro_batch) == 3;
    return whole ? std::optional<int64_t>(micro_batch) : std::nullopt;
  }
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("micro_batch")) return std::nullopt;
  return json.at("micro_batch").get<int64_t>();
}

void drop_after(const fs::path& path, RecordFile::Form form, int64_t after) {
  std::string kept = form == RecordFile::Form::kCsv ? std::string(kCsvHead) + "\n" : "";
  std::ifstream old(path);
  for (std::string line; std::getline(old, line);) {
    const std::optional<int64_t> at = micro_batch_of(line, form);
    if (at && *at <= after && !old.eof()) kept += line + "\n";
  }
  write_file_atomic(path, kept);
}

}  // namespace

std::vector<Record> read_records(const fs::path& path) {
  std::vector<Record> records;
  std::ifstream file(path);
  MEZZO_CHECK(file, path.string(), ": can't be opened");
  int64_t number = 0;
  for (std::string line; std::getline(file, line) && !file.eof();)
    records.push_back(parse_line(line, concat(path.string(), ":", ++number)));
  return records;
}

RecordFile::RecordFile(const fs::path& path, Form form, int64_t after) : path_(path), form_(form) {
  open(after);
}

void RecordFile::open(int64_t after) {
  drop_after(path_, form_, after);
  file_.reset(std::fopen(path_.c_str(), "a"));
  MEZZO_CHECK(file_, path_.string(), ": can't be opened for writing: ", std::strerror(errno));
}

void RecordFile::log(const Record& record) {
  if (form_ == Form::kCsv && !record.number()) return;
  const std::string line = (form_ == Form::kCsv ? csv_line(record) : json_line(record)) + "\n";
  const bool written = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size() &&
                       std::fflush(file_.get()) == 0;
  MEZZO_CHECK(written, path_.string(), ": can't be written: ", std::strerror(errno));
}

}  // namespace mezzotint
