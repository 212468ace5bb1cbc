#include "mezzotint/base/color.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

TEST(Color, Parses) {
  EXPECT_EQ(parse_color("#3366cC"), (Rgb{0x33, 0x66, 0xcc}));
  EXPECT_EQ(parse_color("#3fc"), (Rgb{0x33, 0xff, 0xcc}));
  EXPECT_EQ(parse_color("rebeccapurple"), (Rgb{0x66, 0x33, 0x99}));
  EXPECT_EQ(parse_color("Tomato"), (Rgb{0xff, 0x63, 0x47}));
  for (const char* wrong :
       {"", "#", "#12", "#12345g", "123456", "#+12345", "# 12345", "rgb(1,2,3)"})
    EXPECT_THROW(parse_color(wrong), Error) << wrong;
}

TEST(Color, NamesTheNearest) {
  try {
    parse_color("turqoise");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_NE(std::string(error.what()).find("did you mean 'turquoise'?"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace mezzotint
