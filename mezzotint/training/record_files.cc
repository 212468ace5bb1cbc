#include "mezzotint/training/record_files.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
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
  else if (const Histogram* histogram = record.histogram())
    line["value"] = {{"histogram", to_json(*histogram)}};
  else
    line["value"] = *record.text();
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string csv_line(const Record& record) {
  const Position& at = record.at;
  return concat(at.epoch, ",", at.batch, ",", at.micro_batch, ",", at.update, ",", at.images, ",",
                record.name, ",", nlohmann::json(*record.number()).dump());
}

std::string text_of(const nlohmann::json& value, const std::string& where) {
  std::string text;
  value_from_json(text, value, where);
  return text;
}

Record parse_line(const std::string& text, const std::string& where) {
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  MEZZO_CHECK(line.is_object() && line.contains("name") && line.contains("value"), where,
              ": not a record");
  Record record;
  from_json(record.at, line, where);
  record.name = text_of(line.at("name"), where + ": name");
  const nlohmann::json& value = line.at("value");
  if (value.is_number() || value.is_null())
    record.value = value.is_null() ? std::nan("") : value.get<double>();
  else if (value.contains("histogram"))
    record.value = histogram_from_json(value.at("histogram"), where + ": histogram");
  else if (value.contains("image"))
    record.value = fs::path(text_of(value.at("image"), where + ": image"));
  else
    record.value = text_of(value, where + ": value");
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
  if (!json.is_object() || !json.contains("micro_batch") ||
      !json.at("micro_batch").is_number_integer())
    return std::nullopt;
  return json.at("micro_batch").get<int64_t>();
}

/// Cuts the file before the first line that is later or unfinished: lines are in the run's order.
void drop_after(const fs::path& path, RecordFile::Form form, int64_t after) {
  std::ifstream old(path);
  uintmax_t kept = 0;
  bool head = form == RecordFile::Form::kCsv;
  for (std::string line; std::getline(old, line) && !old.eof(); kept += line.size() + 1) {
    if (std::exchange(head, false) && line == kCsvHead) continue;
    const std::optional<int64_t> at = micro_batch_of(line, form);
    if (!at || *at > after) break;
  }
  old.close();
  if (form == RecordFile::Form::kCsv && kept == 0)
    return write_file_atomic(path, std::string(kCsvHead) + "\n");
  std::error_code error;
  if (fs::exists(path)) fs::resize_file(path, kept, error);
  MEZZO_CHECK(!error, path.string(), ": can't be cut: ", error.message());
}

/// The lines with their numbers, but for half a one at the end.
void for_each_line(const fs::path& path,
                   const std::function<void(const std::string& line, int64_t number)>& visit) {
  std::ifstream file(path);
  MEZZO_CHECK(file, path.string(), ": can't be opened");
  int64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const bool unfinished = file.eof() && !nlohmann::json::accept(line);
    if (!unfinished) visit(line, number);
  }
}

}  // namespace

void for_each_record(const fs::path& path, const std::function<void(const Record&)>& visit) {
  for_each_line(path, [&](const std::string& line, int64_t number) {
    visit(parse_line(line, concat(path.string(), ":", number)));
  });
}

std::string passed_over(const fs::path& path, const BadLines& bad) {
  return concat(path.string(), ": passed over ", counted(bad.count, "line"), " with no record in ",
                bad.count == 1 ? "it" : "them", ", the first is line ", bad.first);
}

BadLines for_each_good_record(const fs::path& path,
                              const std::function<void(const Record&)>& visit) {
  BadLines bad;
  for_each_line(path, [&](const std::string& line, int64_t number) {
    std::optional<Record> record;
    try {
      record = parse_line(line, path.string());
    } catch (const Error&) {
      if (bad.count++ == 0) bad.first = number;
    }
    if (record) visit(*record);
  });
  return bad;
}

std::vector<Record> read_records(const fs::path& path) {
  std::vector<Record> records;
  for_each_record(path, [&](const Record& record) { records.push_back(record); });
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
