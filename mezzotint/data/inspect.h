#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mezzotint/data/dataset.h"

namespace mezzotint {

/// What reading every item of a data set showed.
struct DataReport {
  int64_t items = 0;
  std::map<std::array<int, 2>, int64_t> sizes;  ///< {width, height} -> pictures
  std::map<std::string, int64_t> stored_as;     ///< "PNG grey 16-bit" -> pictures
  std::map<int, int64_t> channels;              ///< 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA -> pictures
  std::vector<int64_t> class_counts;            ///< by label; empty without classes
  std::vector<std::string> damaged;             ///< one line each, in the data set's order
  /// Pictures that are equal in every pixel: the names of each group, two or more.
  std::vector<std::vector<std::string>> duplicates;
  std::vector<std::string> skipped;  ///< files beside the pictures that are no items
};

/// Reads the whole data set, on all threads.
/// @param after_each called with the number of items read so far, from one thread at a time; may
/// throw to stop.
DataReport inspect(const Dataset& dataset,
                   const std::function<void(int64_t done)>& after_each = {});

}  // namespace mezzotint
