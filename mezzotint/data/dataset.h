#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mezzotint/io/image.h"

namespace mezzotint {

/// One item as stored, before any transform.
struct Example {
  Image image;
  int64_t label = -1;  ///< -1: the data set has no classes
  std::string name;    ///< path below the root, or "train[17]": what an error about this item names
};

/// A finite, random-access collection of labelled pictures. Reading is thread-safe.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual int64_t size() const = 0;
  /// @throws Error naming the item when it is damaged.
  virtual Example get(int64_t index) const = 0;
  /// Names of the classes, empty without classes.
  virtual const std::vector<std::string>& class_names() const = 0;
  /// One line for people: kind, items, classes.
  virtual std::string describe() const = 0;
  /// Bytes that it keeps in memory while it is open.
  virtual int64_t held_bytes() const { return 0; }
  /// Files that lie among the pictures and are no items, hidden ones aside.
  virtual std::vector<std::string> skipped() const { return {}; }
};

using DatasetPtr = std::shared_ptr<const Dataset>;

/// Opens DATA of the command line: a folder of pictures (sub-folders are classes when every picture
/// is in one), a folder with idx files (`train-images-idx3-ubyte[.gz]` and labels), one such file,
/// or a known name ("fashion-mnist": where Debian's package puts it). @param split "train" or
/// "test".
/// @throws Error saying what was found and what was wanted.
DatasetPtr open_dataset(const std::string& data, const std::string& split = "train");

/// The same, or null where the data has no such split.
DatasetPtr open_split(const std::string& data, const std::string& split);

}  // namespace mezzotint
