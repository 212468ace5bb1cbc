#include "mezzotint/io/tf_record.h"

#include <boost/crc.hpp>

namespace mezzotint {
namespace {

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

std::string little_endian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

}  // namespace

uint32_t masked_crc32c(std::string_view bytes) {
  Crc32c crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const uint32_t sum = crc.checksum();
  return ((sum >> 15) | (sum << 17)) + 0xA282EAD8U;
}

std::string tf_record(std::string_view content) {
  const std::string length = little_endian(content.size(), 8);
  std::string record = length + little_endian(masked_crc32c(length), 4);
  record += content;
  return record + little_endian(masked_crc32c(content), 4);
}

}  // namespace mezzotint
