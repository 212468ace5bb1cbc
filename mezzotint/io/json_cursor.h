#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "mezzotint/base/error.h"

namespace mezzotint {

/// Walks over a JSON text token by token. Every error names the place: "config.json:3:17: got '}',
/// wanted a value". Who parses decides about structure; so a format can be held to its own grammar
/// without a tree in between.
class JsonCursor {
 public:
  /// `text` must outlive the cursor. @param where stands before line and column in errors: the
  /// file's name.
  JsonCursor(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {}

  /// The byte that the next token starts with, or -1 at the end.
  int peek();
  /// Takes the byte when the next token is it.
  bool take(char punctuation);
  /// Takes a word such as `true` when it stands there.
  bool take_word(std::string_view word);
  /// @throws Error unless the next token is that byte.
  void expect(char punctuation);
  /// A string, its escapes resolved; always UTF-8.
  std::string string();
  /// A number as it is written: RFC 8259, section 6.
  std::string_view number();
  /// A number without sign, fraction and exponent, below 2^64. @param what names it in errors.
  uint64_t whole_number(std::string_view what);
  /// @throws Error when anything but white space is left.
  void finish();

  /// Calls `member(key)`, which reads the value, for each member of an object.
  template <class Member>
  void object(Member&& member) {
    expect('{');
    if (take('}')) return;
    do {
      std::string key = string();
      expect(':');
      member(std::move(key));
    } while (take(','));
    expect('}');
  }

  /// Calls `item()`, which reads it, for each item of an array.
  template <class Item>
  void array(Item&& item) {
    expect('[');
    if (take(']')) return;
    do item();
    while (take(','));
    expect(']');
  }

  /// @throws Error about the place where the cursor stands.
  template <class... Parts>
  [[noreturn]] void fail_here(Parts&&... parts) const {
    fail(place(position_), ": ", std::forward<Parts>(parts)...);
  }
  /// @throws Error "got ..., wanted `what`".
  [[noreturn]] void fail_wanted(std::string_view what);

 private:
  void skip_space();
  std::string place(size_t position) const;
  void append_escape(std::string& value);
  unsigned hex4();
  bool digits();

  std::string_view text_;
  std::string where_;
  size_t position_ = 0;
};

}  // namespace mezzotint
