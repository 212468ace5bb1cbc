#include "mezzotint/io/torch_pickle.h"

#include <bit>
#include <unordered_map>
#include <utility>

#include "mezzotint/io/torch_objects.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

/// A bound on memory that no checkpoint comes near: a tensor takes about twenty values.
constexpr size_t kMostValues = 10'000'000;

/// The machine of Python's pickletools: a stack, marks in it, and a memo of values to refer back
/// to. Opcodes are written as there; each handler returns whether the opcode was one of its own.
class Machine {
 public:
  explicit Machine(ByteReader& reader) : reader_(reader) {}

  TorchPickle run() {
    while (true) {
      const auto opcode = reader_.number<unsigned char>();
      if (opcode == '.') break;
      if (!framing(opcode) && !number(opcode) && !text(opcode) && !sequence(opcode) &&
          !dict(opcode) && !memo(opcode) && !object(opcode))
        reader_.fail_here("refuses the pickle opcode ",
                          in_quotes(std::string(1, static_cast<char>(opcode))));
    }
    result_.root = pop();
    return std::move(result_);
  }

 private:
  // --- the stack -------------------------------------------------------------------------------

  void push(PickleValue value) {
    spend(1 + parts_of(value));
    result_.arena.push_back(std::move(value));
    stack_.push_back(&result_.arena.back());
  }

  /// How much a value holds: calls copy their arguments, so a short program could copy a long list
  /// many times.
  static size_t parts_of(const PickleValue& value) {
    if (const auto* sequence = value.as<PickleSequence>()) return sequence->items.size();
    if (const auto* dict = value.as<PickleDict>()) return dict->items.size();
    if (const auto* tensor = value.as<PickleTensor>()) return tensor->sizes.size();
    return 0;
  }

  void spend(size_t values) {
    spent_ += values;
    if (spent_ > kMostValues) reader_.fail_here("more than ", kMostValues, " values");
  }

  PickleValue* pop() {
    PickleValue* const value = top();
    stack_.pop_back();
    return value;
  }

  PickleValue* top() {
    const size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor) reader_.fail_here("the pickle takes a value from an empty stack");
    return stack_.back();
  }

  /// The values above the last mark, taken off the stack with it.
  std::vector<const PickleValue*> pop_to_mark() {
    if (marks_.empty()) reader_.fail_here("the pickle goes back to a mark that isn't there");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<const PickleValue*> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return values;
  }

  template <class T>
  T& top_as(const char* wanted) {
    T* const value = std::get_if<T>(&top()->data);
    if (value == nullptr) reader_.fail_here("got ", in_words(*top()), ", wanted ", wanted);
    return *value;
  }

  // --- opcodes ---------------------------------------------------------------------------------

  bool framing(unsigned char opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (const auto protocol = reader_.number<uint8_t>(); protocol > 5)
          reader_.fail_here("pickle protocol ", int{protocol}, "; wanted at most 5");
        return true;
      case 0x95:  // FRAME
        reader_.take(8);
        return true;
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case '0':  // POP
        pop();
        return true;
      case '1':  // POP_MARK
        pop_to_mark();
        return true;
      default:
        return false;
    }
  }

  bool number(unsigned char opcode) {
    switch (opcode) {
      case 'N':
        push({PickleNone{}});
        return true;
      case 0x88:
        push({true});
        return true;
      case 0x89:
        push({false});
        return true;
      case 'J':
        push({int64_t{reader_.number<int32_t>()}});
        return true;
      case 'K':
        push({int64_t{reader_.number<uint8_t>()}});
        return true;
      case 'M':
        push({int64_t{reader_.number<uint16_t>()}});
        return true;
      case 0x8a:
        push(long_number(reader_.take(reader_.number<uint8_t>())));
        return true;
      case 0x8b:
        push(long_number(reader_.take(reader_.number<uint32_t>())));
        return true;
      case 'G': {  // BINFLOAT: big-endian
        uint64_t bits = 0;
        for (const char byte : reader_.take(8))
          bits = bits << 8U | static_cast<unsigned char>(byte);
        push({std::bit_cast<double>(bits)});
        return true;
      }
      default:
        return false;
    }
  }

  /// Two's complement, little-endian, of any length.
  static PickleValue long_number(std::string_view bytes) {
    if (bytes.size() > 8) return {PickleBytes{bytes}};
    uint64_t value = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~uint64_t{0} : 0;
    for (size_t i = bytes.size(); i-- > 0;)
      value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return {static_cast<int64_t>(value)};
  }

  bool text(unsigned char opcode) {
    switch (opcode) {
      case 'U':   // SHORT_BINSTRING
      case 0x8c:  // SHORT_BINUNICODE
        push({PickleText{reader_.take(reader_.number<uint8_t>())}});
        return true;
      case 'T':  // BINSTRING
      case 'X':  // BINUNICODE
        push({PickleText{reader_.take(reader_.number<uint32_t>())}});
        return true;
      case 0x8d:
        push({PickleText{reader_.take(reader_.number<uint64_t>())}});
        return true;
      case 'C':
        push({PickleBytes{reader_.take(reader_.number<uint8_t>())}});
        return true;
      case 'B':
        push({PickleBytes{reader_.take(reader_.number<uint32_t>())}});
        return true;
      case 0x8e:
        push({PickleBytes{reader_.take(reader_.number<uint64_t>())}});
        return true;
      default:
        return false;
    }
  }

  bool sequence(unsigned char opcode) {
    switch (opcode) {
      case ')':
        push({PickleSequence{{}, true}});
        return true;
      case 't':
        push({PickleSequence{pop_to_mark(), true}});
        return true;
      case 0x85:
      case 0x86:
      case 0x87:
        push_tuple(opcode - 0x84U);
        return true;
      case ']':
        push({PickleSequence{}});
        return true;
      case 'l':
        push({PickleSequence{pop_to_mark()}});
        return true;
      case 'a':
        append({pop()});
        return true;
      case 'e':
        append(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  void push_tuple(size_t size) {
    std::vector<const PickleValue*> items(size);
    while (size-- > 0) items[size] = pop();
    push({PickleSequence{std::move(items), true}});
  }

  void append(const std::vector<const PickleValue*>& values) {
    auto& list = top_as<PickleSequence>("a list");
    if (list.tuple) reader_.fail_here("the pickle appends to a tuple");
    list.items.insert(list.items.end(), values.begin(), values.end());
  }

  bool dict(unsigned char opcode) {
    switch (opcode) {
      case '}':
        push({PickleDict{}});
        return true;
      case 'd': {  // DICT
        const auto items = pop_to_mark();
        push({PickleDict{}});
        set_items(items);
        return true;
      }
      case 's': {  // SETITEM
        const PickleValue* const value = pop();
        const PickleValue* const key = pop();
        set_items({key, value});
        return true;
      }
      case 'u':
        set_items(pop_to_mark());
        return true;
      default:
        return false;
    }
  }

  void set_items(const std::vector<const PickleValue*>& items) {
    auto& dict = top_as<PickleDict>("a dict");
    if (items.size() % 2 != 0) reader_.fail_here("a key without a value");
    for (size_t i = 0; i < items.size(); i += 2) dict.items.emplace_back(items[i], items[i + 1]);
  }

  bool memo(unsigned char opcode) {
    switch (opcode) {
      case 'q':
        memo_[reader_.number<uint8_t>()] = top();
        return true;
      case 'r':
        memo_[reader_.number<uint32_t>()] = top();
        return true;
      case 0x94:
        memo_[static_cast<uint32_t>(memo_.size())] = top();
        return true;
      case 'h':
        recall(reader_.number<uint8_t>());
        return true;
      case 'j':
        recall(reader_.number<uint32_t>());
        return true;
      default:
        return false;
    }
  }

  void recall(uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end())
      reader_.fail_here("the pickle refers to value ", index, ", not yet seen");
    stack_.push_back(found->second);
  }

  bool object(unsigned char opcode) {
    switch (opcode) {
      case 'c':    // GLOBAL
      case 'i': {  // INST
        const std::string_view module = reader_.line();
        const std::string_view name = reader_.line();
        push({torch_global(module, name, reader_)});
        if (opcode == 'i') reader_.fail_here("refuses to make an object of ", in_quotes(name));
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const auto name = top_as<PickleText>("a name").text;
        pop();
        const auto module = top_as<PickleText>("a module's name").text;
        pop();
        push({torch_global(module, name, reader_)});
        return true;
      }
      case 'R': {  // REDUCE
        const PickleValue* const arguments = pop();
        const PickleValue* const function = pop();
        push(call_torch_global(*function, *arguments, reader_));
        return true;
      }
      case 'Q': {  // BINPERSID
        PickleStorage storage = torch_storage(*pop(), reader_);
        note_storage(storage);
        push({std::move(storage)});
        return true;
      }
      case 0x81: {  // NEWOBJ
        const PickleValue* const arguments = pop();
        const PickleValue* const type = pop();
        push({script_object(*type, *arguments, reader_)});
        return true;
      }
      case 'b':
        build();
        return true;
      default:
        return false;
    }
  }

  /// BUILD gives an object its attributes. Those of an OrderedDict, such as _metadata, are no
  /// weights.
  void build() {
    const PickleValue* const state = pop();
    auto* const object = std::get_if<PickleObject>(&top()->data);
    if (object == nullptr) {
      top_as<PickleDict>("an OrderedDict to give attributes to");
      return;
    }
    if (object->state != nullptr) reader_.fail_here(in_words(*top()), " is given attributes twice");
    if (state->as<PickleDict>() == nullptr)
      reader_.fail_here(in_words(*top()), ": got ", in_words(*state), ", wanted its attributes");
    object->state = state;
  }

  void note_storage(const PickleStorage& storage) {
    const auto [place, added] = result_.storages.emplace(storage.key, storage);
    if (added) return;
    if (place->second.count != storage.count || place->second.type != storage.type)
      reader_.fail_here("the storage ", in_quotes(storage.key), " is described in two ways");
  }

  ByteReader& reader_;
  size_t spent_ = 0;
  TorchPickle result_;
  std::vector<PickleValue*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, PickleValue*> memo_;
};

}  // namespace

TorchPickle read_torch_pickle(ByteReader& reader) { return Machine(reader).run(); }

}  // namespace mezzotint
