#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mezzotint/training/histogram.h"

namespace mezzotint {

// The events that TensorBoard reads, as the protocol buffers Event and Summary of its event.proto
// and summary.proto. Each is the content of one TFRecord (io/tf_record.h). This file knows no
// tensors: LibTorch brings protobuf headers of its own.

struct EventTime {
  double wall_time = 0.0;  ///< seconds since 1970
  int64_t step = 0;
};

/// A PNG file and the sizes that it has.
struct EventPicture {
  std::string_view png;
  int width = 0;
  int height = 0;
  int channels = 0;  ///< 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA
};

/// What a file begins with.
std::string file_version_event(double wall_time);
/// From here on a run is told again: what was said before of this step and later is void.
std::string session_start_event(const EventTime& at);
/// The value is stored as float32.
std::string scalar_event(const EventTime& at, const std::string& tag, double value);
std::string picture_event(const EventTime& at, const std::string& tag, const EventPicture& picture);
std::string histogram_event(const EventTime& at, const std::string& tag,
                            const Histogram& histogram);
/// @param markdown UTF-8.
std::string text_event(const EventTime& at, const std::string& tag, const std::string& markdown);

}  // namespace mezzotint
