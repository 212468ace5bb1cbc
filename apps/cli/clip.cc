// `mezzotint clip MODEL --text ... --image ...`: what CLIP makes of texts and pictures: their
// vectors, how well they fit, and which fit best.
#include <algorithm>
#include <filesystem>
#include <numeric>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>

#include <nlohmann/json.hpp>

#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"
#include "mezzotint/data/find_pictures.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/pipelines/joint_embedding.h"
#include "mezzotint/pipelines/load_clip_tokenizer.h"
#include "mezzotint/pipelines/reference_picture.h"

#include "apps/cli/device.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/options.h"
#include "apps/cli/picture_output.h"
#include "apps/cli/progress.h"
#include "apps/cli/recipe.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model;
  std::vector<std::string> texts;
  std::vector<std::string> images;
  std::string rank = "texts";
  int64_t top = 5;
  int64_t batch = 32;
  std::string out;
  std::string variant;
};

/// Unit vectors, and what they are of.
struct Embedded {
  std::vector<std::string> names;
  Tensor unit_nd;  ///< undefined for none
};

/// Files, and all pictures of folders.
std::vector<fs::path> picture_files(const std::vector<std::string>& images) {
  std::vector<fs::path> files;
  for (const std::string& image : images) {
    if (!fs::is_directory(image)) {
      files.emplace_back(image);
      continue;
    }
    const size_t before = files.size();
    for (const fs::path& file : find_pictures(image).pictures) files.push_back(image / file);
    if (files.size() == before) fail(image, ": has no pictures");
  }
  return files;
}

Embedded embed_images(const Options& options, const Context& context, c10::Device device,
                      const JointEmbedding& joint) {
  Embedded embedded;
  const std::vector<fs::path> files = picture_files(options.images);
  Progress progress(context.console, "looking", files.size(), "picture");
  std::vector<Tensor> parts;
  const auto batch = static_cast<size_t>(options.batch);
  for (size_t first = 0; first < files.size(); first += batch) {
    context.cancel.check();
    std::vector<Tensor> pictures;
    for (size_t i = first; i < std::min(first + batch, files.size()); ++i) {
      pictures.push_back(read_clip_picture(files[i], joint.image_size));
      embedded.names.push_back(files[i].string());
    }
    parts.push_back(unit_image_embeds(joint, at::cat(pictures).to(device)).cpu());
    progress.update(embedded.names.size());
  }
  if (!parts.empty()) embedded.unit_nd = at::cat(parts);
  return embedded;
}

std::vector<int64_t> best_first(const Tensor& scores_n) {
  std::vector<int64_t> order(static_cast<size_t>(scores_n.size(0)));
  std::iota(order.begin(), order.end(), 0);
  const Tensor scores = scores_n.contiguous();
  const float* value = scores.const_data_ptr<float>();
  std::ranges::stable_sort(order, [&](int64_t a, int64_t b) { return value[a] > value[b]; });
  return order;
}

/// For each query, what of the candidates fits best: cosines, and the probabilities that CLIP gives
/// them among each other.
nlohmann::json ranking(const Tensor& cosine_qc, double scale, const Embedded& queries,
                       const Embedded& candidates, int64_t top) {
  const Tensor probability_qc = (cosine_qc * scale).softmax(1);
  nlohmann::json all = nlohmann::json::array();
  for (size_t q = 0; q < queries.names.size(); ++q) {
    const auto row = static_cast<int64_t>(q);
    nlohmann::json best = nlohmann::json::array();
    for (const int64_t c : best_first(cosine_qc[row])) {
      if (static_cast<int64_t>(best.size()) == top) break;
      best.push_back({{"name", candidates.names[static_cast<size_t>(c)]},
                      {"cosine", cosine_qc[row][c].item<double>()},
                      {"probability", probability_qc[row][c].item<double>()}});
    }
    all.push_back({{"query", queries.names[q]}, {"best", best}});
  }
  return all;
}

void print_ranking(const nlohmann::json& rankings) {
  for (const nlohmann::json& one : rankings) {
    print("%s\n", one.at("query").get<std::string>().c_str());
    for (const nlohmann::json& best : one.at("best"))
      print("  %7.4f  %5.1f %%  %s\n", best.at("cosine").get<double>(),
            100 * best.at("probability").get<double>(), best.at("name").get<std::string>().c_str());
  }
}

void write_embeddings(const std::string& out, const Embedded& texts, const Embedded& images) {
  Weights weights;
  if (texts.unit_nd.defined()) weights.set("text_embeds", texts.unit_nd);
  if (images.unit_nd.defined()) weights.set("image_embeds", images.unit_nd);
  const nlohmann::json names = {{"texts", texts.names}, {"images", images.names}};
  write_safetensors(out, weights, {{"format", "pt"}, {"mezzotint", recipe_text(names)}});
}

void check(const Options& options) {
  if (options.texts.empty() && options.images.empty())
    fail_usage("clip: nothing to look at; give --text and --image");
  if ((options.texts.empty() || options.images.empty()) && options.out.empty())
    fail_usage("clip: ", options.texts.empty() ? "pictures" : "texts",
               " alone are only embedded; give -o FILE.safetensors, or both --text and --image to "
               "compare");
  if (!options.out.empty() && !options.out.ends_with(".safetensors"))
    fail_usage("-o ", options.out, ": wanted a name that ends in .safetensors");
}

void run(const Options& options, Context& context) {
  check(options);
  const at::NoGradGuard no_gradients;
  const c10::Device device = prepare_device(context.global);
  if (!options.out.empty()) make_place_for(options.out, "-o");
  const Clip clip = load_clip(model_folder(options.model), {options.variant, device});
  for (const std::string& warning : clip.warnings) context.console.warn(warning);
  const JointEmbedding joint =
      joint_embedding(clip, options.texts.empty()
                                ? nullptr
                                : std::make_shared<const ClipTokenizer>(load_clip_tokenizer(clip)));
  const double scale = clip.model->logit_scale().exp().item<double>();
  Embedded texts{options.texts, {}};
  if (!texts.names.empty()) texts.unit_nd = unit_text_embeds(joint, texts.names).cpu();
  const Embedded images = embed_images(options, context, device, joint);
  if (!options.out.empty()) {
    write_embeddings(options.out, texts, images);
    context.console.say("wrote " + options.out);
  }
  nlohmann::json document = {{"schema", "mezzotint/clip/1"},
                             {"texts", texts.names},
                             {"images", images.names},
                             {"logit_scale", scale}};
  if (texts.unit_nd.defined() && images.unit_nd.defined()) {
    const Tensor cosine_it = images.unit_nd.matmul(texts.unit_nd.t());
    const bool ranks_texts = options.rank == "texts";
    document["rankings"] = ranks_texts ? ranking(cosine_it, scale, images, texts, options.top)
                                       : ranking(cosine_it.t(), scale, texts, images, options.top);
    if (!context.global.json) print_ranking(document["rankings"]);
  }
  if (context.global.json) print_json(document);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  const auto add_texts = [&](const char* names, std::vector<std::string>& values, const char* help,
                             const char* kind) {
    app.add_option(names, values, help)->type_name(kind)->allow_extra_args(false);
  };
  add_text(app, "MODEL", options->model, "a CLIP: a folder, a file, or a starter model's name",
           "MODEL")
      ->required();
  add_texts("--text", options->texts, "a text; may be given several times", "TEXT");
  add_texts("--image", options->images,
            "a picture, or a folder of pictures; several times if you like", "FILE");
  offer_only(add_text(app, "--rank", options->rank,
                      "texts: those that fit each picture best; images: those that fit each text "
                      "best; default texts",
                      "NAME"),
             {"texts", "images"});
  add_whole_number(app, "--top", options->top, 1, "how many of each ranking; default 5");
  add_whole_number(app, "--batch", options->batch, 1, "pictures in one network call; default 32");
  add_text(app, "-o,--out", options->out,
           "write .safetensors with `text_embeds` and `image_embeds`, vectors of length 1", "FILE");
  add_text(app, "--variant", options->variant, kVariantHelp, "NAME");
  return [options](Context& context) { run(*options, context); };
}

const Registered<Verb> kClip("clip",
                             {"embed, score and rank texts and pictures with CLIP", declare});

}  // namespace
}  // namespace mezzotint::cli
