#include "mezzotint/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include "mezzotint/io/atomic_file.h"
#include "mezzotint/io/git_lfs.h"
#include "mezzotint/io/mapped_file.h"
#include "mezzotint/io/safetensors_header.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian, and files are mapped");

/// In the order of SafetensorsType.
constexpr std::array<at::ScalarType, 13> kScalarTypes = {
    at::kBool, at::kByte,   at::kChar,  at::kShort,  at::kUInt16, at::kHalf,  at::kBFloat16,
    at::kInt,  at::kUInt32, at::kFloat, at::kDouble, at::kLong,   at::kUInt64};

/// A tensor over `bytes`; the mapping lives as long as the tensor.
Tensor view_of(const SafetensorsEntry& entry, char* bytes, const std::shared_ptr<MappedFile>& file,
               const std::string& where) {
  const at::TensorOptions options(kScalarTypes[static_cast<size_t>(entry.type)]);
  const size_t size = entry.end - entry.begin;
  if (size == 0) return at::empty(entry.shape, options);
  if (entry.type == SafetensorsType::kBool &&
      std::any_of(bytes, bytes + size, [](unsigned char byte) { return byte > 1; }))
    fail(where, ": tensor ", quoted(entry.name), ": a truth value that is neither 0 nor 1");
  // Other writers need not align the data area; a copy is aligned.
  if (std::bit_cast<uintptr_t>(bytes) % static_cast<size_t>(element_size(entry.type)) != 0) {
    Tensor copy = at::empty(entry.shape, options);
    std::memcpy(copy.mutable_data_ptr(), bytes, size);
    return copy;
  }
  return at::from_blob(
      bytes, entry.shape, [file](void*) {}, options);
}

SafetensorsEntry entry_for(const std::string& name, const Tensor& tensor) {
  if (!tensor.defined() || tensor.layout() != at::kStrided)
    fail("tensor ", quoted(name), " has no dense values to write");
  const auto type = std::ranges::find(kScalarTypes, tensor.scalar_type());
  if (type == kScalarTypes.end())
    fail("tensor ", quoted(name), ": the type ", tensor.scalar_type(),
         " can't be written to a safetensors file");
  SafetensorsEntry entry;
  entry.name = name;
  entry.type = static_cast<SafetensorsType>(type - kScalarTypes.begin());
  entry.shape = tensor.sizes().vec();
  return entry;
}

}  // namespace

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  const auto file = std::make_shared<MappedFile>(path);
  refuse_lfs_pointer(file->bytes(), path);
  SafetensorsHeader header = parse_safetensors_header(file->bytes(), path.string());
  SafetensorsFile result;
  result.metadata = std::move(header.metadata);
  char* const data = file->data() + header.data_start;
  for (const SafetensorsEntry& entry : header.entries)
    result.weights.set(entry.name, view_of(entry, data + entry.begin, file, path.string()));
  return result;
}

void write_safetensors(const std::filesystem::path& path, const Weights& weights,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<SafetensorsEntry> entries;
  for (const auto& [name, tensor] : weights) entries.push_back(entry_for(name, tensor));
  const std::string start = format_safetensors_header(entries, metadata);
  AtomicFile file(path);
  file.write(start);
  for (const SafetensorsEntry& entry : entries) {
    const Tensor values = weights.at(entry.name).detach().cpu().contiguous();
    if (entry.end > entry.begin)
      file.write({static_cast<const char*>(values.const_data_ptr()), entry.end - entry.begin});
  }
  file.commit();
}

}  // namespace mezzotint
