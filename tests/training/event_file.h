#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <protozero/pbf_reader.hpp>

#include "mezzotint/io/files.h"
#include "mezzotint/io/tf_record.h"

namespace mezzotint::testing {

/// What the tests look at of an event; numbers of fields are those of TensorBoard's .proto files.
struct ReadEvent {
  double wall_time = 0;
  int64_t step = 0;
  std::string file_version;
  bool session_start = false;
  std::string tag;
  float number = 0;
  std::map<uint32_t, std::string>
      value;  ///< the summary's value by field: image, histogram, tensor
};

inline void read_value(protozero::pbf_reader value, ReadEvent& event) {
  while (value.next()) {
    const uint32_t field = value.tag();  // reading it may reset the reader's
    if (field == 1)
      event.tag = value.get_string();
    else if (field == 2)
      event.number = value.get_float();
    else
      event.value[field] = value.get_string();
  }
}

inline ReadEvent read_event(const std::string& bytes) {
  ReadEvent event;
  protozero::pbf_reader message(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        event.wall_time = message.get_double();
        break;
      case 2:
        event.step = message.get_int64();
        break;
      case 3:
        event.file_version = message.get_string();
        break;
      case 5: {
        protozero::pbf_reader summary = message.get_message();
        while (summary.next(1)) read_value(summary.get_message(), event);
        break;
      }
      case 7:
        event.session_start = message.get_string() == "\x08\x01";
        break;
      default:
        ADD_FAILURE() << "field " << message.tag();
        message.skip();
    }
  }
  return event;
}

/// The events of a file, whose records must be whole.
inline std::vector<ReadEvent> read_events(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<ReadEvent> events;
  for (size_t at = 0; at < bytes.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 8; ++i)
      length |= static_cast<size_t>(static_cast<unsigned char>(bytes.at(at + i))) << (8 * i);
    const std::string content = bytes.substr(at + 12, length);
    EXPECT_EQ(bytes.substr(at, length + 16), tf_record(content));
    events.push_back(read_event(content));
    at += length + 16;
  }
  return events;
}

/// The event files of a run folder in TensorBoard's order.
inline std::vector<std::filesystem::path> event_files(const std::filesystem::path& run) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(run / "tensorboard"))
    files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

}  // namespace mezzotint::testing
