#include "mezzotint/io/latin1.h"

namespace mezzotint {

std::string latin1_to_utf8(std::string_view latin1) {
  std::string utf8;
  for (const unsigned char c : latin1) {
    if (c < 0x80) {
      utf8 += static_cast<char>(c);
    } else {
      utf8 += static_cast<char>(0xc0 | c >> 6);
      utf8 += static_cast<char>(0x80 | (c & 0x3f));
    }
  }
  return utf8;
}

bool utf8_to_latin1(std::string_view utf8, std::string& latin1) {
  latin1.clear();
  for (size_t i = 0; i < utf8.size(); ++i) {
    const unsigned char c = utf8[i];
    if (c < 0x80) {
      latin1 += static_cast<char>(c);
      continue;
    }
    // U+0080 to U+00FF are the two-byte sequences that begin with C2 or C3.
    const unsigned char next = i + 1 < utf8.size() ? utf8[i + 1] : 0;
    if ((c != 0xc2 && c != 0xc3) || (next & 0xc0) != 0x80) return false;
    latin1 += static_cast<char>((c & 0x03) << 6 | (next & 0x3f));
    ++i;
  }
  return true;
}

}  // namespace mezzotint
