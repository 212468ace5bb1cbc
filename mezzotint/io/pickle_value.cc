#include "mezzotint/io/pickle_value.h"

#include "mezzotint/io/utf8.h"

namespace mezzotint {
namespace {

struct InWords {
  std::string operator()(const PickleNone&) const { return "None"; }
  std::string operator()(bool value) const { return value ? "True" : "False"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return std::to_string(value); }
  std::string operator()(const PickleBytes&) const { return "bytes or a huge number"; }
  std::string operator()(const PickleText& value) const { return in_quotes(value.text); }
  std::string operator()(const PickleSequence& value) const {
    return std::string(value.tuple ? "a tuple of " : "a list of ") +
           std::to_string(value.items.size());
  }
  std::string operator()(const PickleDict&) const { return "a dict"; }
  std::string operator()(const PickleStorage&) const { return "a storage"; }
  std::string operator()(const PickleTensor&) const { return "a tensor"; }
  std::string operator()(const PickleGlobal& value) const { return value.name; }
  std::string operator()(const PickleObject& value) const {
    return "an object of " + in_quotes(value.name);
  }
};

}  // namespace

std::string in_words(const PickleValue& value) { return std::visit(InWords{}, value.data); }

}  // namespace mezzotint
