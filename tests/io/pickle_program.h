#pragma once

#include <cstdint>
#include <string>

namespace mezzotint {

// Pickles written by hand, opcode by opcode (CPython's Lib/pickletools.py), for what torch itself
// never writes.

inline std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
  return text;
}

inline std::string pickled_text(const std::string& text) {
  return "X" + little_endian(text.size(), 4) + text;
}
inline std::string pickled_number(int64_t value) {
  return "\x8a\x08" + little_endian(static_cast<uint64_t>(value), 8);
}
inline std::string pickled_global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
/// A tuple of values that are already opcodes.
template <class... Items>
std::string pickled_tuple(const Items&... items) {
  return "(" + (std::string() + ... + items) + "t";
}
/// A dict of one entry.
inline std::string pickled_dict(const std::string& key, const std::string& value) {
  return "}" + pickled_text(key) + value + "s";
}
inline std::string pickled_storage(const std::string& key, const std::string& type, int64_t count,
                                   const std::string& view = "N") {
  return pickled_tuple(pickled_text("storage"), pickled_global("torch", type), pickled_text(key),
                       pickled_text("cpu"), pickled_number(count), view) +
         "Q";
}
inline std::string pickled_tensor(const std::string& storage, int64_t offset,
                                  const std::string& sizes, const std::string& strides) {
  return pickled_global("torch._utils", "_rebuild_tensor_v2") +
         pickled_tuple(storage, pickled_number(offset), sizes, strides, std::string("\x89"),
                       pickled_global("collections", "OrderedDict") + ")R") +
         "R";
}

/// The older form of torch.save around the pickle of an object. @param tail keys (a pickle) and
/// storages.
inline std::string legacy_file(const std::string& object, const std::string& tail = "\x80\x02].") {
  const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  const std::string version("\x80\x02M\xe9\x03.", 6);
  const std::string system = "\x80\x02" + pickled_dict("little_endian", "\x88") + ".";
  return magic + version + system + "\x80\x02" + object + "." + tail;
}

/// Keys and storages for one storage of `bytes`, which are `count` elements.
inline std::string legacy_storage(const std::string& key, uint64_t count,
                                  const std::string& bytes) {
  return "\x80\x02]" + pickled_text(key) + "a." + little_endian(count, 8) + bytes;
}

}  // namespace mezzotint
