#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mezzotint {

/// A value of a pickle: plain data, or something made by one of the callables that the reader of
/// the pickle allows. Nodes live as long as the Unpickler that made them.
struct PickleValue {
  enum class Kind {
    kNone,
    kBool,
    kInt,
    kBigInt,
    kFloat,
    kText,
    kTuple,
    kList,
    kDict,
    kGlobal,
    kObject
  };
  Kind kind = Kind::kNone;
  int64_t integer = 0;  ///< kBool, kInt; of kObject what its maker put there
  double real = 0;
  std::string text;  ///< kText, kGlobal ("module.name"); of kBigInt its little-endian bytes
  std::vector<const PickleValue*> items;                                 ///< kTuple, kList
  std::vector<std::pair<const PickleValue*, const PickleValue*>> pairs;  ///< kDict

  bool is(Kind wanted) const { return kind == wanted; }
  /// The value under a text key, or null.
  const PickleValue* find(std::string_view key) const;
};

/// Reads pickles, protocols 0 to 5 as far as data needs them, without ever running anything: names
/// of classes and functions are data, and what applies one goes to `reduce`, which knows its few.
class Unpickler {
 public:
  /// What may be named: @return false to refuse.
  using Allow = std::function<bool(const std::string& global)>;
  /// Applies an allowed callable to its arguments (a tuple).
  using Reduce =
      std::function<PickleValue(const std::string& global, const PickleValue& arguments)>;
  /// What a persistent id (of torch: a storage) stands for.
  using Persistent = std::function<PickleValue(const PickleValue& id)>;

  /// @param bytes all of the file from the pickle on. @param name of the file, for errors.
  Unpickler(std::string_view bytes, std::string name, Allow allow, Reduce reduce,
            Persistent persistent);

  /// The next pickle of the stream. @throws Error naming what is refused or damaged.
  const PickleValue& load();
  /// Bytes that the pickles read so far took.
  size_t position() const { return at_; }

 private:
  bool step(unsigned char opcode);
  bool step_text(unsigned char opcode);
  bool step_container(unsigned char opcode);
  bool step_memo(unsigned char opcode);
  bool step_call(unsigned char opcode);

  const PickleValue* make(PickleValue value);
  void push(PickleValue value) { stack_.push_back(make(std::move(value))); }
  const PickleValue* pop();
  /// The dict or list on top of the stack, to be added to.
  PickleValue& container(PickleValue::Kind kind);
  std::vector<const PickleValue*> pop_to_mark();
  void add_pairs(const std::vector<const PickleValue*>& flat);
  void push_global(std::string name);
  uint64_t number(size_t size);
  std::string_view take(uint64_t size);
  std::string_view line();
  void remember(uint64_t index);
  [[noreturn]] void damaged(const char* how) const;

  std::string_view bytes_;
  std::string name_;
  Allow allow_;
  Reduce reduce_;
  Persistent persistent_;
  size_t at_ = 0;
  std::deque<PickleValue> nodes_;
  std::vector<const PickleValue*> stack_;
  std::vector<size_t> marks_;
  std::vector<const PickleValue*> memo_;
};

}  // namespace mezzotint
