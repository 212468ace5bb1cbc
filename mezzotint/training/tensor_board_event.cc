#include "mezzotint/training/tensor_board_event.h"

#include <functional>
#include <vector>

#include <protozero/pbf_writer.hpp>

namespace mezzotint {
namespace {

using protozero::pbf_writer;

// Numbers of the fields of each message, under the names that the .proto files have.
namespace in_event {
constexpr uint32_t kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
}
namespace in_session_log {
constexpr uint32_t kStatus = 1;
constexpr int32_t kStart = 1;
}  // namespace in_session_log
namespace in_summary {
constexpr uint32_t kValue = 1;
}
namespace in_value {
constexpr uint32_t kTag = 1, kSimpleValue = 2, kImage = 4, kHisto = 5, kTensor = 8, kMetadata = 9;
}
namespace in_image {
constexpr uint32_t kHeight = 1, kWidth = 2, kColorspace = 3, kEncodedImageString = 4;
}
namespace in_histo {
constexpr uint32_t kMin = 1, kMax = 2, kNum = 3, kSum = 4, kSumSquares = 5, kBucketLimit = 6,
                   kBucket = 7;
}
namespace in_metadata {
constexpr uint32_t kPluginData = 1, kPluginName = 1;
}
namespace in_tensor {
constexpr uint32_t kDtype = 1, kShape = 2, kShapeDim = 2, kDimSize = 1, kStringVal = 8;
constexpr int32_t kString = 7;  ///< DT_STRING
}  // namespace in_tensor

using Fill = std::function<void(pbf_writer& message)>;

void add_message(pbf_writer& parent, uint32_t field, const Fill& fill) {
  pbf_writer message(parent, field);
  fill(message);
}

std::string event_at(const EventTime& at, const Fill& fill) {
  std::string bytes;
  pbf_writer event(bytes);
  event.add_double(in_event::kWallTime, at.wall_time);
  if (at.step != 0) event.add_int64(in_event::kStep, at.step);  // 0 is what isn't written
  fill(event);
  return bytes;
}

/// An event with a summary of one value.
std::string value_event(const EventTime& at, const std::string& tag, const Fill& fill) {
  return event_at(at, [&](pbf_writer& event) {
    add_message(event, in_event::kSummary, [&](pbf_writer& summary) {
      add_message(summary, in_summary::kValue, [&](pbf_writer& value) {
        value.add_string(in_value::kTag, tag);
        fill(value);
      });
    });
  });
}

struct Buckets {
  std::vector<double> limits;  ///< where each ends
  std::vector<double> counts;
};

/// Empty neighbours are joined: far from zero and around it there are many.
Buckets joined_buckets(const Histogram& histogram) {
  Buckets buckets;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    const double limit = bucket_upper(histogram.first + static_cast<int64_t>(i));
    const auto count = static_cast<double>(histogram.counts[i]);
    if (count == 0 && !buckets.counts.empty() && buckets.counts.back() == 0) {
      buckets.limits.back() = limit;
    } else {
      buckets.limits.push_back(limit);
      buckets.counts.push_back(count);
    }
  }
  return buckets;
}

}  // namespace

std::string file_version_event(double wall_time) {
  return event_at({wall_time, 0}, [](pbf_writer& event) {
    event.add_string(in_event::kFileVersion, "brain.Event:2");
  });
}

std::string session_start_event(const EventTime& at) {
  return event_at(at, [](pbf_writer& event) {
    add_message(event, in_event::kSessionLog, [](pbf_writer& log) {
      log.add_enum(in_session_log::kStatus, in_session_log::kStart);
    });
  });
}

std::string scalar_event(const EventTime& at, const std::string& tag, double number) {
  return value_event(at, tag, [&](pbf_writer& value) {
    value.add_float(in_value::kSimpleValue, static_cast<float>(number));
  });
}

std::string picture_event(const EventTime& at, const std::string& tag,
                          const EventPicture& picture) {
  return value_event(at, tag, [&](pbf_writer& value) {
    add_message(value, in_value::kImage, [&](pbf_writer& image) {
      image.add_int32(in_image::kHeight, picture.height);
      image.add_int32(in_image::kWidth, picture.width);
      image.add_int32(in_image::kColorspace, picture.channels);
      image.add_bytes(in_image::kEncodedImageString, picture.png.data(), picture.png.size());
    });
  });
}

std::string histogram_event(const EventTime& at, const std::string& tag,
                            const Histogram& histogram) {
  const Buckets buckets = joined_buckets(histogram);
  return value_event(at, tag, [&](pbf_writer& value) {
    add_message(value, in_value::kHisto, [&](pbf_writer& histo) {
      histo.add_double(in_histo::kMin, histogram.min);
      histo.add_double(in_histo::kMax, histogram.max);
      histo.add_double(in_histo::kNum, static_cast<double>(histogram.count));
      histo.add_double(in_histo::kSum, histogram.sum);
      histo.add_double(in_histo::kSumSquares, histogram.sum_squares);
      histo.add_packed_double(in_histo::kBucketLimit, buckets.limits.begin(), buckets.limits.end());
      histo.add_packed_double(in_histo::kBucket, buckets.counts.begin(), buckets.counts.end());
    });
  });
}

std::string text_event(const EventTime& at, const std::string& tag, const std::string& markdown) {
  return value_event(at, tag, [&](pbf_writer& value) {
    add_message(value, in_value::kTensor, [&](pbf_writer& tensor) {
      tensor.add_enum(in_tensor::kDtype, in_tensor::kString);
      add_message(tensor, in_tensor::kShape, [](pbf_writer& shape) {
        add_message(shape, in_tensor::kShapeDim,
                    [](pbf_writer& dim) { dim.add_int64(in_tensor::kDimSize, 1); });
      });
      tensor.add_bytes(in_tensor::kStringVal, markdown);
    });
    add_message(value, in_value::kMetadata, [](pbf_writer& metadata) {
      add_message(metadata, in_metadata::kPluginData,
                  [](pbf_writer& plugin) { plugin.add_string(in_metadata::kPluginName, "text"); });
    });
  });
}

}  // namespace mezzotint
