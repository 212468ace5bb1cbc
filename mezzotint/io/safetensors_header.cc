#include "mezzotint/io/safetensors_header.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/io/json_cursor.h"
#include "mezzotint/io/json_text.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kLongestHeader = 100'000'000;
constexpr size_t kMostDimensions = 64;

ElementType type_named(const std::string& name, const JsonCursor& cursor) {
  const auto type = find_element_type(&ElementTypeInfo::safetensors, name);
  if (!type)
    cursor.fail_here("the type ", in_quotes(name),
                     " is not supported; known: ", element_types_known());
  return *type;
}

std::string_view name_of(ElementType type) { return element_type_info(type).safetensors; }

/// Reads the JSON of a header without building a tree: what isn't in the format's grammar is an
/// error where it stands.
class HeaderReader {
 public:
  HeaderReader(std::string_view json, const std::string& where) : cursor_(json, where) {}

  void read(SafetensorsHeader& header) {
    std::set<std::string, std::less<>> names;
    cursor_.object([&](std::string name) {
      if (!names.insert(name).second)
        cursor_.fail_here("the key ", in_quotes(name), " stands twice");
      if (name == "__metadata__") {
        read_metadata(header.metadata);
      } else {
        header.entries.push_back(read_entry(std::move(name)));
      }
    });
    cursor_.finish();
  }

 private:
  void read_metadata(SafetensorsMetadata& metadata) {
    cursor_.object([&](const std::string& key) {
      if (!metadata.emplace(key, cursor_.string()).second)
        cursor_.fail_here("__metadata__: the key ", in_quotes(key), " stands twice");
    });
  }

  SafetensorsEntry read_entry(std::string name) {
    SafetensorsEntry entry;
    std::set<std::string, std::less<>> fields;
    cursor_.object([&](const std::string& field) {
      if (!fields.insert(field).second)
        cursor_.fail_here("tensor ", in_quotes(name), ": ", in_quotes(field), " stands twice");
      if (field == "dtype") {
        entry.type = type_named(cursor_.string(), cursor_);
      } else if (field == "shape") {
        read_shape(entry.shape, name);
      } else if (field == "data_offsets") {
        read_offsets(entry);
      } else {
        cursor_.fail_here("tensor ", in_quotes(name), ": unknown field ", in_quotes(field));
      }
    });
    for (const char* field : {"dtype", "shape", "data_offsets"})
      if (!fields.contains(field)) cursor_.fail_here("tensor ", in_quotes(name), " has no ", field);
    entry.name = std::move(name);
    return entry;
  }

  void read_shape(std::vector<int64_t>& shape, const std::string& name) {
    cursor_.array([&] {
      const uint64_t size = cursor_.whole_number("a size");
      if (size > INT64_MAX) cursor_.fail_here("tensor ", in_quotes(name), ": a size of ", size);
      if (shape.size() == kMostDimensions)
        cursor_.fail_here("tensor ", in_quotes(name), " has more than ", kMostDimensions,
                          " dimensions");
      shape.push_back(static_cast<int64_t>(size));
    });
  }

  void read_offsets(SafetensorsEntry& entry) {
    cursor_.expect('[');
    entry.begin = cursor_.whole_number("the first offset");
    cursor_.expect(',');
    entry.end = cursor_.whole_number("the second offset");
    cursor_.expect(']');
  }

  JsonCursor cursor_;
};

/// "[2, 3]".
std::string shape_in_words(const std::vector<int64_t>& shape) {
  std::vector<std::string> sizes;
  for (const int64_t size : shape) sizes.push_back(std::to_string(size));
  return "[" + joined(sizes) + "]";
}

/// The bytes that shape and type ask for. Empty dimensions count as 1 in the check for overflow:
/// strides do too.
uint64_t byte_count(const SafetensorsEntry& entry, const std::string& where) {
  int64_t count = element_type_info(entry.type).size;
  bool empty = false;
  for (const int64_t size : entry.shape) {
    empty |= size == 0;
    if (__builtin_mul_overflow(count, std::max<int64_t>(size, 1), &count))
      fail(where, ": tensor ", in_quotes(entry.name), ": the shape ", shape_in_words(entry.shape),
           " is too large for any file");
  }
  return empty ? 0 : static_cast<uint64_t>(count);
}

/// Every byte of the data area must belong to exactly one tensor.
void check_places(const SafetensorsHeader& header, uint64_t data_size, const std::string& where) {
  uint64_t covered = 0;
  for (const SafetensorsEntry& entry : header.entries) {
    const std::string tensor = concat(where, ": tensor ", in_quotes(entry.name));
    if (entry.end < entry.begin || entry.end > data_size)
      fail(tensor, ": data offsets [", entry.begin, ", ", entry.end, "], but the file holds ",
           counted(data_size, "byte"), " of data",
           entry.end < entry.begin ? "" : "; it was cut short: copy or download it again");
    if (entry.begin < covered)
      fail(tensor, ": its data begins at ", entry.begin,
           ", inside the data of another, which ends at ", covered);
    if (entry.begin > covered)
      fail(tensor, ": its data begins at ", entry.begin, ", but bytes from ", covered,
           " on belong to no tensor");
    const uint64_t wanted = byte_count(entry, where);
    if (entry.end - entry.begin != wanted)
      fail(tensor, ": data offsets hold ", counted(entry.end - entry.begin, "byte"), ", but ",
           shape_in_words(entry.shape), " of ", name_of(entry.type), " needs ", wanted);
    covered = entry.end;
  }
  if (covered != data_size)
    fail(where, ": ", counted(data_size - covered, "byte"), " after the last tensor's data, of ",
         data_size, " in all");
}

uint64_t read_length(std::string_view bytes) {
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;)
    length = length << 8U | static_cast<unsigned char>(bytes[i]);
  return length;
}

std::string entry_json(const SafetensorsEntry& entry) {
  std::string shape;
  for (const int64_t size : entry.shape) shape += (shape.empty() ? "" : ",") + std::to_string(size);
  return concat(json_string_utf8(entry.name), ":{\"dtype\":\"", name_of(entry.type),
                "\",\"shape\":[", shape, "],\"data_offsets\":[", entry.begin, ",", entry.end, "]}");
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view file, const std::string& where) {
  if (file.size() < kLengthBytes)
    fail(where, ": ", counted(file.size(), "byte"), "; a safetensors file has at least ",
         kLengthBytes);
  const uint64_t length = read_length(file);
  if (length > kLongestHeader)
    fail(where, ": not a safetensors file: it would begin with a header of ", length,
         " bytes, the limit is ", kLongestHeader);
  if (length > file.size() - kLengthBytes)
    fail(where, ": cut short: the header should have ", counted(length, "byte"), ", got ",
         file.size() - kLengthBytes);
  const std::string_view json = file.substr(kLengthBytes, length);
  if (!json.starts_with('{'))
    fail(where, ": not a safetensors file: the header doesn't begin with '{'");

  SafetensorsHeader header;
  header.data_start = kLengthBytes + length;
  HeaderReader(json, where + ": header").read(header);
  std::ranges::sort(header.entries, {}, [](const SafetensorsEntry& entry) {
    return std::tie(entry.begin, entry.end, entry.name);
  });
  check_places(header, file.size() - header.data_start, where);
  return header;
}

std::string format_safetensors_header(std::vector<SafetensorsEntry>& entries,
                                      const SafetensorsMetadata& metadata) {
  std::ranges::sort(entries, [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
    return a.type != b.type ? a.type > b.type : a.name < b.name;
  });
  std::string json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata)
      json +=
          (json.back() == '{' ? "" : ",") + json_string_utf8(key) + ":" + json_string_utf8(value);
    json += "}";
  }
  uint64_t offset = 0;
  for (SafetensorsEntry& entry : entries) {
    if (entry.name == "__metadata__")
      fail("a tensor can't be named __metadata__ in a safetensors file");
    entry.begin = offset;
    entry.end = offset += byte_count(entry, "safetensors");
    json += (json.back() == '{' ? "" : ",") + entry_json(entry);
  }
  json += "}";
  json.append((kLengthBytes - json.size() % kLengthBytes) % kLengthBytes, ' ');
  if (json.size() > kLongestHeader)
    fail("the header of a safetensors file would take ", json.size(), " bytes, the limit is ",
         kLongestHeader);

  std::string start;
  for (unsigned i = 0; i < kLengthBytes; ++i)
    start += static_cast<char>(json.size() >> (8 * i) & 0xFFU);
  return start + json;
}

}  // namespace mezzotint
