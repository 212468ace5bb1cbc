#include "mezzotint/io/pickle.h"

#include <bit>

#include "mezzotint/base/error.h"
#include "mezzotint/io/utf8.h"

namespace mezzotint {

// The opcodes are those of CPython's Lib/pickletools.py.
using Kind = PickleValue::Kind;

const PickleValue* PickleValue::find(std::string_view key) const {
  for (const auto& [name, value] : pairs)
    if (name->is(Kind::kText) && name->text == key) return value;
  return nullptr;
}

Unpickler::Unpickler(std::string_view bytes, std::string name, Allow allow, Reduce reduce,
                     Persistent persistent)
    : bytes_(bytes),
      name_(std::move(name)),
      allow_(std::move(allow)),
      reduce_(std::move(reduce)),
      persistent_(std::move(persistent)) {}

void Unpickler::damaged(const char* how) const {
  fail(name_, ": the pickle is damaged: ", how, " near byte ", at_);
}

std::string_view Unpickler::take(uint64_t size) {
  if (size > bytes_.size() - at_) damaged("it is cut short");
  at_ += size;
  return bytes_.substr(at_ - size, size);
}

uint64_t Unpickler::number(size_t size) {
  uint64_t value = 0;
  const std::string_view part = take(size);
  for (size_t i = 0; i < size; ++i)
    value |= static_cast<uint64_t>(static_cast<unsigned char>(part[i])) << (8 * i);
  return value;
}

std::string_view Unpickler::line() {
  const size_t end = bytes_.find('\n', at_);
  if (end == std::string_view::npos) damaged("it is cut short");
  const std::string_view text = take(end - at_);
  ++at_;
  return text;
}

const PickleValue* Unpickler::make(PickleValue value) {
  return &nodes_.emplace_back(std::move(value));
}

const PickleValue* Unpickler::pop() {
  // What lies below a mark belongs to what the mark's owner will collect.
  if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) damaged("the stack is empty");
  const PickleValue* top = stack_.back();
  stack_.pop_back();
  return top;
}

PickleValue& Unpickler::container(Kind kind) {
  if (stack_.empty() || !stack_.back()->is(kind)) damaged("something is added to no container");
  return const_cast<PickleValue&>(*stack_.back());  // every node is in nodes_, which isn't const
}

std::vector<const PickleValue*> Unpickler::pop_to_mark() {
  if (marks_.empty()) damaged("a mark is missing");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<const PickleValue*> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void Unpickler::add_pairs(const std::vector<const PickleValue*>& flat) {
  if (flat.size() % 2 != 0) damaged("a key has no value");
  PickleValue& dict = container(Kind::kDict);
  for (size_t i = 0; i < flat.size(); i += 2) dict.pairs.emplace_back(flat[i], flat[i + 1]);
}

void Unpickler::push_global(std::string name) {
  if (!allow_(name))
    fail(name_, ": refuses ", mezzotint::quoted(name),
         ": the file asks for code, and only tensors are read; nothing was run. Load it where you "
         "trust it and save it as .safetensors");
  push({.kind = Kind::kGlobal, .text = std::move(name)});
}

void Unpickler::remember(uint64_t index) {
  if (stack_.empty()) damaged("the stack is empty");
  if (index > bytes_.size()) damaged("a memo index is too large");
  if (index >= memo_.size()) memo_.resize(index + 1);
  memo_[index] = stack_.back();
}

const PickleValue& Unpickler::load() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  for (;;) {
    const auto opcode = static_cast<unsigned char>(take(1)[0]);
    if (opcode == '.') return *pop();
    const bool known = step(opcode) || step_text(opcode) || step_container(opcode) ||
                       step_memo(opcode) || step_call(opcode);
    if (!known)
      fail(name_, ": refuses the pickle opcode ", static_cast<int>(opcode), " at byte ", at_ - 1,
           ": tensors don't need it; nothing was run");
  }
}

bool Unpickler::step(unsigned char opcode) {
  const auto integer = [this](int64_t value) { push({.kind = Kind::kInt, .integer = value}); };
  switch (opcode) {
    case 0x80:  // PROTO
      if (number(1) > 5) damaged("its protocol is unknown");
      return true;
    case 0x95:
      return take(8), true;  // FRAME: a hint for readers of streams
    case 'N':
      return push({}), true;
    case 0x88:
      return push({.kind = Kind::kBool, .integer = 1}), true;
    case 0x89:
      return push({.kind = Kind::kBool, .integer = 0}), true;
    case 'J':
      return integer(static_cast<int32_t>(number(4))), true;
    case 'K':
      return integer(static_cast<int64_t>(number(1))), true;
    case 'M':
      return integer(static_cast<int64_t>(number(2))), true;
    case 0x8a: {  // LONG1
      const size_t size = number(1);
      if (size > 8) return push({.kind = Kind::kBigInt, .text = std::string(take(size))}), true;
      const uint64_t value = number(size);
      const size_t unused = 64 - 8 * size;
      return integer(size == 0 ? 0 : static_cast<int64_t>(value << unused) >> unused), true;
    }
    case 'G': {  // BINFLOAT, big-endian
      uint64_t bits = 0;
      for (const char byte : take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
      return push({.kind = Kind::kFloat, .real = std::bit_cast<double>(bits)}), true;
    }
    case '0':
      return pop(), true;
    default:
      return false;
  }
}

bool Unpickler::step_text(unsigned char opcode) {
  const auto text = [this](size_t size_bytes) {
    push({.kind = Kind::kText, .text = std::string(take(number(size_bytes)))});
  };
  switch (opcode) {
    case 'X':
      return text(4), true;  // BINUNICODE
    case 0x8c:
      return text(1), true;  // SHORT_BINUNICODE
    case 0x8d:
      return text(8), true;  // BINUNICODE8
    case 'T':
      return text(4), true;  // BINSTRING, of Python 2
    case 'U':
      return text(1), true;  // SHORT_BINSTRING
    case 'B':
      return text(4), true;  // BINBYTES
    case 'C':
      return text(1), true;  // SHORT_BINBYTES
    default:
      return false;
  }
}

bool Unpickler::step_container(unsigned char opcode) {
  const auto tuple_of = [this](size_t count) {
    std::vector<const PickleValue*> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    push({.kind = Kind::kTuple, .items = std::move(items)});
  };
  switch (opcode) {
    case '(':
      return marks_.push_back(stack_.size()), true;
    case '1':
      return pop_to_mark(), true;
    case ')':
      return tuple_of(0), true;
    case 0x85:
      return tuple_of(1), true;
    case 0x86:
      return tuple_of(2), true;
    case 0x87:
      return tuple_of(3), true;
    case 't': {
      auto items = pop_to_mark();
      return push({.kind = Kind::kTuple, .items = std::move(items)}), true;
    }
    case ']':
      return push({.kind = Kind::kList}), true;
    case '}':
      return push({.kind = Kind::kDict}), true;
    case 'a': {
      const PickleValue* item = pop();
      return container(Kind::kList).items.push_back(item), true;
    }
    case 'e': {
      const auto items = pop_to_mark();
      auto& list = container(Kind::kList).items;
      return list.insert(list.end(), items.begin(), items.end()), true;
    }
    case 's': {
      const PickleValue* value = pop();
      const PickleValue* key = pop();
      return add_pairs({key, value}), true;
    }
    case 'u':
      return add_pairs(pop_to_mark()), true;
    default:
      return false;
  }
}

bool Unpickler::step_memo(unsigned char opcode) {
  const auto recall = [this](uint64_t index) {
    if (index >= memo_.size() || !memo_[index]) damaged("a memo is missing");
    stack_.push_back(memo_[index]);
  };
  switch (opcode) {
    case 'q':
      return remember(number(1)), true;
    case 'r':
      return remember(number(4)), true;
    case 0x94:
      return remember(memo_.size()), true;
    case 'h':
      return recall(number(1)), true;
    case 'j':
      return recall(number(4)), true;
    default:
      return false;
  }
}

bool Unpickler::step_call(unsigned char opcode) {
  switch (opcode) {
    case 'c': {  // GLOBAL
      const std::string module(line());
      return push_global(module + "." + std::string(line())), true;
    }
    case 0x93: {  // STACK_GLOBAL
      const PickleValue *name = pop(), *module = pop();
      if (!name->is(Kind::kText) || !module->is(Kind::kText)) damaged("a name is no text");
      return push_global(module->text + "." + name->text), true;
    }
    case 'R': {
      const PickleValue *arguments = pop(), *callable = pop();
      if (!callable->is(Kind::kGlobal) || !arguments->is(Kind::kTuple)) damaged("a call is none");
      return push(reduce_(callable->text, *arguments)), true;
    }
    case 'b': {  // BUILD sets attributes; of a state_dict that is _metadata, which we don't need
      const PickleValue* state = pop();
      if (!state->is(Kind::kDict) || stack_.empty() || !stack_.back()->is(Kind::kDict))
        damaged("attributes are set on something that has none");
      return true;
    }
    case 'Q':
      return push(persistent_(*pop())), true;
    default:
      return false;
  }
}

}  // namespace mezzotint
