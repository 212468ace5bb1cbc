#include "mezzotint/io/safetensors.h"

#include <memory>
#include <vector>

#include "mezzotint/io/atomic_file.h"
#include "mezzotint/io/file_tensor.h"
#include "mezzotint/io/git_lfs.h"
#include "mezzotint/io/mapped_file.h"
#include "mezzotint/io/safetensors_header.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

SafetensorsEntry entry_for(const std::string& name, const Tensor& tensor) {
  if (!tensor.defined() || tensor.layout() != at::kStrided)
    fail("tensor ", in_quotes(name), " has no dense values to write");
  const auto type = element_type(tensor.scalar_type());
  if (!type)
    fail("tensor ", in_quotes(name), ": the type ", tensor.scalar_type(),
         " can't be written to a safetensors file; convert it first");
  SafetensorsEntry entry;
  entry.name = name;
  entry.type = *type;
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
  for (const SafetensorsEntry& entry : header.entries) {
    const FileBytes bytes = {file->data() + header.data_start + entry.begin,
                             entry.end - entry.begin, file};
    const std::string what = concat(path.string(), ": tensor ", in_quotes(entry.name));
    result.weights.set(entry.name, tensor_over(bytes, entry.type, entry.shape, what));
  }
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
