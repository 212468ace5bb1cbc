#include "mezzotint/io/zip_archive.h"

#include <cstring>
#include <string_view>

#include <zlib.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

// APPNOTE.TXT of PKWARE, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14
// to 4.3.16 (its end, in 64 and in 32 bits) and 4.5.3 (64-bit sizes in the extra field).
constexpr size_t kLocalHeader = 30, kDirectoryEntry = 46, kEnd = 22, kEnd64 = 56, kLocator64 = 20;
constexpr uint64_t kIn64Bits = 0xffffffff;

/// Numbers out of the file, each read checked against its end.
struct Bytes {
  std::string_view bytes;
  const std::string& name;

  uint64_t number(size_t at, size_t size) const {
    check(at, size);
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i)
      value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return value;
  }
  std::string_view part(size_t at, size_t size) const {
    check(at, size);
    return bytes.substr(at, size);
  }
  void check(size_t at, size_t size) const {
    MEZZO_CHECK(size <= bytes.size() && at <= bytes.size() - size, name,
                ": the zip archive is damaged or cut short");
  }
};

/// Where the end record is: a comment of up to 65,535 bytes may follow it.
size_t find_end(const Bytes& file) {
  MEZZO_CHECK(file.bytes.size() >= kEnd, file.name, ": too short for a zip archive");
  const size_t last = file.bytes.size() - kEnd, first = last > 65535 ? last - 65535 : 0;
  for (size_t at = last + 1; at-- > first;)
    if (file.bytes.substr(at, 4) == std::string_view("PK\5\6", 4)) return at;
  fail(file.name, ": the zip archive has no directory; it was cut short");
}

/// Replaces the sizes that stand in the 64-bit extra field, in its fixed order.
void read_extra64(std::string_view extra, const std::string& name,
                  std::initializer_list<uint64_t*> values) {
  const Bytes bytes{extra, name};
  for (size_t at = 0; at + 4 <= extra.size();) {
    const size_t kind = bytes.number(at, 2), size = bytes.number(at + 2, 2);
    const Bytes field{bytes.part(at + 4, size), name};
    size_t place = 0;
    for (uint64_t* value : values) {
      if (kind != 1 || *value != kIn64Bits) continue;
      *value = field.number(place, 8);
      place += 8;
    }
    at += 4 + size;
  }
}

}  // namespace

ZipArchive::ZipArchive(FileBytes file, std::string name)
    : file_(std::move(file)), name_(std::move(name)) {
  read_directory();
}

void ZipArchive::read_directory() {
  const Bytes file{{file_.data, file_.size}, name_};
  const size_t end = find_end(file);
  uint64_t count = file.number(end + 10, 2), at = file.number(end + 16, 4);
  if (end >= kLocator64 && file.part(end - kLocator64, 4) == std::string_view("PK\6\7", 4)) {
    const uint64_t end64 = file.number(end - kLocator64 + 8, 8);
    file.check(end64, kEnd64);
    count = file.number(end64 + 32, 8);
    at = file.number(end64 + 48, 8);
  }
  for (uint64_t i = 0; i < count; ++i) {
    MEZZO_CHECK(file.part(at, 4) == std::string_view("PK\1\2", 4), name_,
                ": the directory of the zip archive is damaged");
    Entry entry;
    entry.encrypted = file.number(at + 8, 2) & 1;
    entry.method = file.number(at + 10, 2);
    entry.crc = static_cast<uint32_t>(file.number(at + 16, 4));
    entry.packed_size = file.number(at + 20, 4);
    entry.size = file.number(at + 24, 4);
    entry.header = file.number(at + 42, 4);
    const size_t name = file.number(at + 28, 2), extra = file.number(at + 30, 2);
    read_extra64(file.part(at + kDirectoryEntry + name, extra), name_,
                 {&entry.size, &entry.packed_size, &entry.header});
    const std::string key(file.part(at + kDirectoryEntry, name));
    MEZZO_CHECK(entries_.emplace(key, entry).second, name_, ": holds ", mezzotint::quoted(key),
                " twice");
    at += kDirectoryEntry + name + extra + file.number(at + 32, 2);
  }
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> all;
  for (const auto& [name, entry] : entries_) all.push_back(name);
  return all;
}

FileBytes ZipArchive::read(const std::string& name) const {
  const std::string what = concat(name_, ": ", mezzotint::quoted(name));
  const auto found = entries_.find(name);
  MEZZO_CHECK(found != entries_.end(), what, " is missing from the archive");
  const Entry& entry = found->second;
  MEZZO_CHECK(!entry.encrypted, what, " is encrypted");
  const Bytes file{{file_.data, file_.size}, name_};
  MEZZO_CHECK(file.part(entry.header, 4) == std::string_view("PK\3\4", 4), what, " is damaged");
  const uint64_t data = entry.header + kLocalHeader + file.number(entry.header + 26, 2) +
                        file.number(entry.header + 28, 2);
  file.check(data, entry.packed_size);
  FileBytes bytes{file_.data + data, entry.packed_size, file_.owner};
  if (entry.method != 0) bytes = unpacked(entry, bytes, what);
  MEZZO_CHECK(bytes.size == entry.size, what, " is damaged: its sizes disagree");
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data), bytes.size);
  MEZZO_CHECK(crc == entry.crc, what, " is damaged: its checksum doesn't fit");
  return bytes;
}

FileBytes ZipArchive::unpacked(const Entry& entry, const FileBytes& packed,
                               const std::string& what) const {
  MEZZO_CHECK(entry.method == 8, what, " is packed with method ", entry.method,
              "; known are 0 (stored) and 8 (deflated)");
  // Deflate reaches 1032:1 at most, so a size beyond that is a lie, found before memory is taken.
  MEZZO_CHECK(
      entry.size / 1100 <= packed.size && entry.size < UINT32_MAX && packed.size < UINT32_MAX, what,
      " is damaged: its sizes can't be");
  const auto text = std::make_shared<std::string>(entry.size, '\0');
  z_stream stream{};
  MEZZO_CHECK(inflateInit2(&stream, -MAX_WBITS) == Z_OK, what, ": zlib doesn't start");
  stream.next_in = reinterpret_cast<Bytef*>(packed.data);
  stream.avail_in = static_cast<uInt>(packed.size);
  stream.next_out = reinterpret_cast<Bytef*>(text->data());
  stream.avail_out = static_cast<uInt>(text->size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  MEZZO_CHECK(result == Z_STREAM_END && stream.avail_out == 0, what, " is damaged");
  return {text->data(), text->size(), text};
}

}  // namespace mezzotint
