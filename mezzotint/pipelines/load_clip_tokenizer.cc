#include "mezzotint/pipelines/load_clip_tokenizer.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "mezzotint/io/files.h"
#include "mezzotint/io/gzip_file.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

constexpr const char* kOpenAiVocabulary = "bpe_simple_vocab_16e6.txt";

/// Runs `read`, and names the file in what it throws.
template <class Read>
auto named(const fs::path& file, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Error(file.string() + ": " + error.what(), error.kind());
  }
}

/// OpenAI's vocabulary, packed or not, in the model's folder; empty where there is none.
std::optional<ClipVocabulary> openai_vocabulary(const Clip& clip) {
  const fs::path folder = fs::is_directory(clip.path) ? clip.path : clip.path.parent_path();
  constexpr size_t kMostBytes = size_t{1} << 26U;
  for (const char* ending : {"", ".gz"})
    if (const fs::path file = folder / (std::string(kOpenAiVocabulary) + ending); fs::exists(file))
      return named(file, [&] { return read_open_clip_merges(read_gzip_file(file, kMostBytes)); });
  return std::nullopt;
}

ClipVocabulary vocabulary_of(const Clip& clip) {
  const ClipTokenizerFiles& files = clip.tokenizer_files;
  if (!files.vocab.empty() && !files.merges.empty())
    return named(files.vocab, [&] {
      return read_vocab_and_merges(read_json(files.vocab), read_file(files.merges));
    });
  if (!files.tokenizer.empty())
    return named(files.tokenizer, [&] { return read_tokenizer_json(read_json(files.tokenizer)); });
  if (auto vocabulary = openai_vocabulary(clip)) return *std::move(vocabulary);
  fail(clip.path.string(),
       ": has no tokenizer; put vocab.json and merges.txt of a CLIP beside it, or OpenAI's ",
       kOpenAiVocabulary, ".gz, which is in the Python package open_clip_torch");
}

}  // namespace

ClipTokenizer load_clip_tokenizer(const Clip& clip) {
  ClipTokenizerConfig config = clip.tokenizer_files.cleaning == ClipCleaning::kOpenClip
                                   ? open_clip_tokenizer_config()
                                   : ClipTokenizerConfig{};
  config.context_length = clip.model->context_length();
  const ClipVocabulary vocabulary = vocabulary_of(clip);
  ClipTokenizer tokenizer = named(clip.path, [&] { return ClipTokenizer(vocabulary, config); });
  MEZZO_CHECK(tokenizer.vocab_size() <= clip.model->vocab_size(), clip.path.string(),
              ": the tokenizer has ids up to ", tokenizer.vocab_size() - 1,
              ", the model's tokens are ", clip.model->vocab_size(),
              "; they don't belong together");
  return tokenizer;
}

}  // namespace mezzotint
