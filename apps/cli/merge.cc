// `mezzotint merge MODEL --lora DIR -o OUT`: a pipeline with adapters in its weights.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/registry.h"

#include "apps/cli/lora_option.h"
#include "apps/cli/model_folder.h"
#include "apps/cli/options.h"
#include "apps/cli/subcommand.h"

namespace mezzotint::cli {
namespace {

namespace fs = std::filesystem;

struct MergeRequest {
  std::string model, out, variant;
  std::vector<std::string> loras;
};

void run(const MergeRequest& request, Context& context) {
  for (const std::string& lora : request.loras) parse_lora_use(lora);  // refuses what can't be
  if (fs::exists(request.out) && !(fs::is_directory(request.out) && fs::is_empty(request.out)))
    fail_usage("-o ", request.out, ": exists and isn't an empty folder; give another folder");
  const Pipeline pipeline = load_pipeline(model_folder(request.model), {request.variant});
  for (const std::string& warning : pipeline.warnings) context.console.warn(warning);
  const nlohmann::json loras = merge_loras(pipeline, request.loras);
  save_pipeline(pipeline, request.out);
  context.console.say(concat("wrote ", request.out, ": ", request.model, " with ",
                             counted(loras.size(), "adapter")));
  if (context.global.json)
    print_json({{"schema", "mezzotint/merge/1"},
                {"model", request.model},
                {"loras", loras},
                {"folder", request.out}});
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<MergeRequest>();
  add_text(app, "MODEL", request->model, kModelHelp, "MODEL")->required();
  add_lora_option(app, request->loras)->required();
  add_text(app, "-o,--out", request->out, "folder of the pipeline: new or empty", "DIR")
      ->required();
  add_text(app, "--variant", request->variant, kVariantHelp, "NAME");
  return [request](Context& context) { run(*request, context); };
}

const Registered<Verb> kMerge("merge",
                              {"write a model with adapters (LoRA) in its weights", declare});

}  // namespace
}  // namespace mezzotint::cli
