#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mezzotint {

/// CRC-32C (Castagnoli), turned and shifted as TensorFlow stores it, so that the checksum of data
/// that holds checksums stays a good one.
uint32_t masked_crc32c(std::string_view bytes);

/// The content as one record of a TFRecord file, which is such records one after another:
///
///     length    uint64, little-endian, as all
///     checksum  masked_crc32c of the length
///     content
///     checksum  masked_crc32c of the content
///
/// Reference: "TFRecords format details" in TensorFlow's tutorial on TFRecord.
std::string tf_record(std::string_view content);

}  // namespace mezzotint
