#include "mezzotint/io/tf_record.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

uint32_t unmasked(uint32_t masked) {
  const uint32_t turned = masked - 0xA282EAD8U;
  return (turned >> 17) | (turned << 15);
}

TEST(TfRecord, ChecksumsAreThoseOfRfc3720) {
  std::string rising;
  for (char i = 0; i < 32; ++i) rising.push_back(i);
  EXPECT_EQ(unmasked(masked_crc32c(std::string(32, '\0'))), 0x8A9136AAU);
  EXPECT_EQ(unmasked(masked_crc32c(std::string(32, '\xFF'))), 0x62A8AB43U);
  EXPECT_EQ(unmasked(masked_crc32c(rising)), 0x46DD794EU);
  EXPECT_EQ(unmasked(masked_crc32c("123456789")), 0xE3069283U);
  EXPECT_EQ(unmasked(masked_crc32c("")), 0U);
}

TEST(TfRecord, FramesAsTensorBoardsWriterDoes) {
  using namespace std::string_literals;
  // tensorboard.summary.writer.record_writer.RecordWriter(...).write(b"mezzotint")
  EXPECT_EQ(tf_record("mezzotint"),
            "\x09\x00\x00\x00\x00\x00\x00\x00\x37\xF9\x71\x39"
            "mezzotint"
            "\x18\x07\x3D\x7C"s);
  EXPECT_EQ(tf_record("").size(), 16u);
}

}  // namespace
}  // namespace mezzotint
