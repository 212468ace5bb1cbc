#include "mezzotint/training/without_secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace mezzotint {
namespace {

constexpr std::string_view kHidden = "***";
constexpr size_t kTokenLength = 16;  // letters and digits from which on "hf_..." is no name

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// "--hub-token" and "--api_key" hold secrets, "--tokenizer" doesn't.
bool names_a_secret(std::string option) {
  std::ranges::transform(option, option.begin(), [](unsigned char c) { return std::tolower(c); });
  std::ranges::replace(option, '_', '-');
  constexpr std::array kEndings = {"-token",   "-secret",     "-password",   "-passwd",
                                   "-api-key", "-access-key", "-credentials"};
  return std::ranges::any_of(kEndings, [&](const char* end) { return option.ends_with(end); });
}

/// Where the word of a shell that begins at `at` ends: quoted parts belong to it.
size_t word_end(const std::string& text, size_t at) {
  bool quoted = false;
  for (; at < text.size() && (quoted || text[at] != ' '); ++at)
    if (text[at] == '\'') quoted = !quoted;
  return at;
}

void hide_option_values(std::string& text) {
  for (size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
    const size_t begin = at;
    for (at += 2; at < text.size() && (is_alnum(text[at]) || text[at] == '-' || text[at] == '_');)
      ++at;
    const bool begins_word = begin == 0 || text[begin - 1] == ' ';
    const bool has_value = at < text.size() && (text[at] == ' ' || text[at] == '=');
    if (!begins_word || !has_value || !names_a_secret(text.substr(begin, at - begin))) continue;
    text.replace(at + 1, word_end(text, at + 1) - at - 1, kHidden);
  }
}

void hide_hub_tokens(std::string& text) {
  for (size_t at = 0; (at = text.find("hf_", at)) != std::string::npos;) {
    size_t end = at + 3;
    while (end < text.size() && is_alnum(text[end])) ++end;
    if (end - at - 3 >= kTokenLength) {
      text.replace(at, end - at, kHidden);
      end = at + kHidden.size();
    }
    at = end;
  }
}

void hide_sign_in(std::string& text) {
  for (size_t at = 0; (at = text.find("://", at)) != std::string::npos;) {
    at += 3;
    const size_t end = std::min(text.find_first_of("/ '\"?#", at), text.size());
    const size_t sign = text.substr(at, end - at).rfind('@');
    if (sign != std::string::npos) text.replace(at, sign, kHidden);
  }
}

}  // namespace

std::string without_secrets(const std::string& text) {
  std::string safe = text;
  hide_option_values(safe);
  hide_hub_tokens(safe);
  hide_sign_in(safe);
  return safe;
}

}  // namespace mezzotint
