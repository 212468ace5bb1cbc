#include "apps/cli/guide_request.h"

#include <algorithm>
#include <cctype>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/guidance.h"
#include "mezzotint/guidance/loss_kind.h"

#include "apps/cli/help.h"
#include "apps/cli/options.h"

namespace mezzotint::cli {
namespace {

CLI::Option* add_texts(CLI::App& app, const std::string& names, std::vector<std::string>& values,
                       const std::string& help, const std::string& kind) {
  return app.add_option(names, values, help)->type_name(kind)->allow_extra_args(false);
}

void check_not_negative(const char* option, double value) {
  if (!(value >= 0)) fail_usage(option, ": got ", value, ", wanted 0 or more");
}

std::string default_in_words(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_array() ? "" : value.dump();
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

}  // namespace

std::vector<std::string> GuideRequest::all_losses() const {
  std::vector<std::string> all = losses;
  for (const std::string& color : colors) all.push_back("color:" + color);
  for (const std::string& prompt : prompts) all.push_back("clip:" + prompt);
  return all;
}

void add_guide_options(CLI::App& app, GuideRequest& request) {
  add_texts(
      app, "--loss", request.losses,
      "KIND:ARGUMENT,OPTION=VALUE: what to steer towards; may be given several times. Kinds: " +
          joined(Registry<LossKind>::names()),
      "LOSS");
  add_texts(app, "--color", request.colors, "short for --loss color:COLOUR", "COLOUR");
  add_texts(app, "--prompt", request.prompts, "short for --loss clip:TEXT", "TEXT");
  add_text(app, "--method", request.method,
           "1: the network's output is held fixed; 2: through the network; or for some steps, "
           "2:0..9,1:10..; default 1",
           "LIST");
  offer(add_text(app, "--guidance-schedule", request.schedule,
                 "strength over the steps: none, abar, sqrt_abar, sqrt_1m_abar or table:1,0.5,0; "
                 "default none",
                 "NAME"),
        guidance_schedule_names());
  offer_only(add_text(app, "--guidance-index", request.index,
                      "the schedule's alpha-bar is that of the timestep, or of the loop's index as "
                      "in the course; default timestep",
                      "NAME"),
             {"timestep", "loop"});
  add_number(app, "--grad-clip", request.grad_clip,
             "largest root mean square of a picture's move in one step; default 0: no bound");
  add_number(app, "--grad-rms", request.grad_rms,
             "root mean square that every move is brought to; default 0: as the gradient is");
  app.add_flag("--gradient-checkpointing", request.gradient_checkpointing,
               "method 2: less memory, a third more work, the same pictures");
  add_text(app, "--clip", request.clip, "CLIP of the clip losses; default clip-emoji", "MODEL");
  add_texts(app, "--guidance-trace", request.traces,
            "losses, moves and clamped shares of each step, as .csv, .svg or .png; may be given "
            "several times",
            "FILE");
}

void check(const GuideRequest& request) {
  const std::vector<std::string> losses = request.all_losses();
  if (losses.empty())
    fail_usage(
        "guide: nothing to steer towards; give --loss, such as --loss color:#55FFAA. Kinds: ",
        joined(Registry<LossKind>::names()));
  for (const std::string& loss : losses) Registry<LossKind>::at("loss", parse_loss_spec(loss).kind);
  parse_methods(request.method, "--method");
  parse_guidance_schedule(request.schedule, request.index, "--guidance-schedule");
  check_not_negative("--grad-clip", request.grad_clip);
  check_not_negative("--grad-rms", request.grad_rms);
  for (const std::string& trace : request.traces)
    if (!trace.ends_with(".csv") && !trace.ends_with(".svg") && !trace.ends_with(".png"))
      fail_usage("--guidance-trace: got '", trace,
                 "', wanted a name that ends in .csv, .svg or .png");
}

std::string losses_in_words() {
  const HelpFormatter help(help_width());
  std::string text = "Losses:\n";
  for (const std::string& name : Registry<LossKind>::names()) {
    const LossKind& kind = Registry<LossKind>::at("loss", name);
    std::string right = concat(kind.summary, "; scale=", kind.scale);
    for (const LossKind::Field& field : kind.fields)
      if (field.name != kind.argument)
        right += " " + field.name + "=" + default_in_words(field.value);
    text += help.row(name + ":" + upper(kind.argument), right);
  }
  text += "\nAll take scale=, norm=image|batch, schedule=, index=, steps=0..9: docs/guidance.md";
  return text;
}

}  // namespace mezzotint::cli
