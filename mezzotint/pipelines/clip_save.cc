#include "mezzotint/pipelines/clip_save.h"

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/weights_folder.h"

namespace mezzotint {
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr const char* kStart = "<|startoftext|>";
constexpr const char* kEnd = "<|endoftext|>";

void write_tokenizer(const ClipVocabulary& vocabulary, int64_t context_length,
                     const fs::path& folder) {
  json ids = json::object();
  for (const auto& [token, id] : vocabulary.ids) ids[token] = id;
  write_file_atomic(folder / "vocab.json", ids.dump() + "\n");
  std::string merges = "#version: 0.2\n";
  for (const auto& [first, second] : vocabulary.merges) merges += concat(first, " ", second, "\n");
  write_file_atomic(folder / "merges.txt", merges);
  const json special = {
      {"bos_token", kStart}, {"eos_token", kEnd}, {"pad_token", kEnd}, {"unk_token", kEnd}};
  write_json(folder / "special_tokens_map.json", special);
  json config = special;
  config.update({{"tokenizer_class", "CLIPTokenizer"},
                 {"model_max_length", context_length},
                 {"do_lower_case", true}});
  write_json(folder / "tokenizer_config.json", config);
}

json preprocessor_config(const ClipPreprocessing& preprocessing) {
  constexpr int kBicubic = 3;  // PIL's number
  const json size = {{"height", preprocessing.size}, {"width", preprocessing.size}};
  return {{"image_processor_type", "CLIPImageProcessor"},
          {"crop_size", size},
          {"do_center_crop", true},
          {"do_convert_rgb", true},
          {"do_normalize", true},
          {"do_rescale", true},
          {"do_resize", true},
          {"image_mean", preprocessing.mean},
          {"image_std", preprocessing.std},
          {"resample", kBicubic},
          {"rescale_factor", 1.0 / 255},
          {"size", {{"shortest_edge", preprocessing.size}}}};
}

}  // namespace

void save_clip(const Clip& clip, const ClipVocabulary& vocabulary, const fs::path& folder) {
  MEZZO_CHECK(clip.model, "save_clip: there is no network");
  json config = clip.model->config();
  config.update({{"architectures", {"CLIPModel"}}, {"model_type", "clip"}});
  Weights weights;
  for (const auto& [key, tensor] : clip.model->parameters())
    weights.set(key, tensor.detach().cpu());
  write_folder_atomic(folder, [&](const fs::path& scratch) {
    write_json(scratch / "config.json", config);
    write_weights_folder(scratch, weights, "", "model");
    write_json(scratch / "preprocessor_config.json", preprocessor_config(clip.preprocessing));
    write_tokenizer(vocabulary, clip.model->context_length(), scratch);
  });
}

}  // namespace mezzotint
