#include "mezzotint/io/zip_archive.h"

#include <algorithm>
#include <vector>

#include "mezzotint/base/error.h"
#include "mezzotint/io/byte_reader.h"
#include "mezzotint/io/inflate.h"
#include "mezzotint/io/mapped_file.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50;
constexpr uint32_t kDirectoryEntry = 0x02014b50;
constexpr uint32_t kDirectoryEnd = 0x06054b50;
constexpr uint32_t kDirectoryEnd64 = 0x06064b50;
constexpr uint32_t kLocator64 = 0x07064b50;
constexpr size_t kDirectoryEndSize = 22;
constexpr size_t kLocator64Size = 20;

ByteReader reader_at(std::string_view file, uint64_t position, const std::string& where) {
  if (position > file.size())
    fail(where, ": a zip offset of ", position, " beyond the end of the file");
  return ByteReader(file.substr(position), concat(where, ": zip record at ", position));
}

void expect_signature(ByteReader& reader, uint32_t signature) {
  if (reader.number<uint32_t>() != signature) reader.fail_here("damaged: this is no such record");
}

/// Where the list of entries lies, and how many there are.
struct Directory {
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t count = 0;
};

/// The end record: the last thing in the file, but for a comment of at most 64 KiB.
size_t find_end(std::string_view file, const std::string& where) {
  for (size_t comment = 0; comment <= 0xFFFF && kDirectoryEndSize + comment <= file.size();
       ++comment) {
    const size_t position = file.size() - kDirectoryEndSize - comment;
    if (!file.substr(position).starts_with("PK\5\6")) continue;
    ByteReader reader = reader_at(file, position + kDirectoryEndSize - 2, where);
    if (reader.number<uint16_t>() == comment) return position;
  }
  fail(where, ": a zip file without its directory: cut short or damaged");
}

Directory read_end64(std::string_view file, uint64_t position, const std::string& where) {
  ByteReader reader = reader_at(file, position, where);
  expect_signature(reader, kDirectoryEnd64);
  reader.take(8 + 2 + 2 + 4 + 4 + 8);  // size of record, versions, disks, entries on this disk
  Directory directory;
  directory.count = reader.number<uint64_t>();
  directory.size = reader.number<uint64_t>();
  directory.offset = reader.number<uint64_t>();
  return directory;
}

Directory find_directory(std::string_view file, const std::string& where) {
  const size_t end = find_end(file, where);
  if (end >= kLocator64Size && file.substr(end - kLocator64Size).starts_with("PK\6\7")) {
    ByteReader locator = reader_at(file, end - kLocator64Size, where);
    expect_signature(locator, kLocator64);
    locator.take(4);
    return read_end64(file, locator.number<uint64_t>(), where);
  }
  ByteReader reader = reader_at(file, end, where);
  expect_signature(reader, kDirectoryEnd);
  reader.take(2 + 2 + 2);
  Directory directory;
  directory.count = reader.number<uint16_t>();
  directory.size = reader.number<uint32_t>();
  directory.offset = reader.number<uint32_t>();
  return directory;
}

/// A field of 32 bits that is full has its value in the extra field of zip64.
void read_extra64(std::string_view extra, ZipArchive::Entry& entry, const std::string& where) {
  ByteReader fields(extra, where + ": zip extra field");
  while (fields.left() >= 4) {
    const auto id = fields.number<uint16_t>();
    const auto size = fields.number<uint16_t>();
    ByteReader field(fields.take(size), where + ": zip64 field");
    if (id != 1) continue;
    for (uint64_t* value : {&entry.size, &entry.packed_size, &entry.header})
      if (*value == UINT32_MAX) *value = field.number<uint64_t>();
  }
}

ZipArchive::Entry read_entry(ByteReader& reader, std::string& name, const std::string& where) {
  ZipArchive::Entry entry;
  expect_signature(reader, kDirectoryEntry);
  reader.take(2 + 2);  // versions
  const auto flags = reader.number<uint16_t>();
  const auto method = reader.number<uint16_t>();
  reader.take(4);  // time
  entry.checksum = reader.number<uint32_t>();
  entry.packed_size = reader.number<uint32_t>();
  entry.size = reader.number<uint32_t>();
  const auto name_size = reader.number<uint16_t>();
  const auto extra_size = reader.number<uint16_t>();
  const auto comment_size = reader.number<uint16_t>();
  reader.take(2 + 2 + 4);  // disk, attributes
  entry.header = reader.number<uint32_t>();
  name = reader.take(name_size);
  const std::string place = concat(where, ": ", in_quotes(name));
  read_extra64(reader.take(extra_size), entry, place);
  reader.take(comment_size);
  if ((flags & 1U) != 0) fail(place, ": encrypted; wanted a plain zip entry");
  if (method != 0 && method != 8)
    fail(place, ": packed by zip method ", method, "; wanted stored (0) or deflated (8)");
  entry.deflated = method == 8;
  if (!entry.deflated && entry.size != entry.packed_size)
    fail(place, ": stored, but with two sizes: ", entry.packed_size, " and ", entry.size);
  return entry;
}

}  // namespace

ZipArchive::ZipArchive(std::shared_ptr<const MappedFile> file, std::string where)
    : file_(std::move(file)), where_(std::move(where)) {
  read_directory();
}

void ZipArchive::read_directory() {
  const std::string_view file = file_->bytes();
  const Directory directory = find_directory(file, where_);
  if (directory.offset > file.size() || directory.size > file.size() - directory.offset)
    fail(where_, ": the zip directory lies beyond the end of the file: cut short or damaged");
  ByteReader reader(file.substr(directory.offset, directory.size), where_ + ": zip directory");
  std::vector<std::pair<uint64_t, uint64_t>> places;
  for (uint64_t i = 0; i < directory.count; ++i) {
    std::string name;
    Entry entry = read_entry(reader, name, where_);
    place(entry, name, directory.offset);
    places.emplace_back(entry.header, entry.data + entry.packed_size);
    if (!entries_.emplace(name, entry).second)
      fail(where_, ": two zip entries are named ", in_quotes(name));
  }
  std::ranges::sort(places);
  for (size_t i = 1; i < places.size(); ++i)
    if (places[i].first < places[i - 1].second) fail(where_, ": zip entries overlap");
}

void ZipArchive::place(Entry& entry, const std::string& name, uint64_t directory) const {
  ByteReader reader = reader_at(file_->bytes(), entry.header, where_);
  expect_signature(reader, kLocalHeader);
  reader.take(22);  // what the directory says too
  const auto name_size = reader.number<uint16_t>();
  const auto extra_size = reader.number<uint16_t>();
  if (reader.take(name_size) != name)
    fail(where_, ": ", in_quotes(name), " has another name in its zip header");
  reader.take(extra_size);
  entry.data = entry.header + reader.position();
  if (entry.data > directory || entry.packed_size > directory - entry.data)
    fail(where_, ": ", in_quotes(name), " runs into the zip directory: cut short or damaged");
}

FileBytes ZipArchive::read(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail(where_, ": the zip file has no entry ", in_quotes(name));
  const Entry& entry = found->second;
  const std::string what = concat(where_, ": ", in_quotes(name));
  FileBytes bytes = {file_->data() + entry.data, static_cast<size_t>(entry.packed_size), file_};
  if (entry.deflated) bytes = inflate(bytes.view(), entry.size, what);
  if (crc32_of(bytes.view()) != entry.checksum)
    fail(what, ": damaged: its checksum is not what the zip directory says");
  return bytes;
}

}  // namespace mezzotint
