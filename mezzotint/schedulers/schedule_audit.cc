#include "mezzotint/schedulers/schedule_audit.h"

#include <cmath>
#include <iomanip>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/suggest.h"
#include "mezzotint/schedulers/schedule_table.h"
#include "mezzotint/schedulers/scheduler.h"
#include "mezzotint/schedulers/scheduler_config.h"

namespace mezzotint {
namespace {

using nlohmann::json;

/// sqrt(alpha-bar) of a picture that shows in noise: Lin et al. 2023, arXiv:2305.08891, saw
/// brightness leak at 0.068.
constexpr double kMuchPicture = 0.05;

/// What the checks look at.
struct Plan {
  std::string class_name;
  json given;   ///< the file's keys
  json config;  ///< with all defaults of the class
  std::vector<ScheduleRow> rows;
  int64_t train;          ///< num_train_timesteps
  double last_alpha_bar;  ///< at the last training timestep
};

std::string digits(double value, int count = 3) {
  std::ostringstream out;
  out << std::setprecision(count) << value;
  return out.str();
}

void check_start(const Plan& plan, std::vector<Finding>& found) {
  const ScheduleRow& first = plan.rows.front();
  const int64_t top = plan.train - 1;
  if (first.timestep == static_cast<double>(top)) {
    found.push_back(
        {false, "start", concat("starts at t = ", top, ", the noisiest that the model knows")});
    return;
  }
  const double picture = std::sqrt(first.alpha_cumprod);
  found.push_back({picture > kMuchPicture, "start",
                   concat("starts at t = ", first.timestep, ", not at ", top,
                          ": pure noise goes in where the model expects ", digits(100 * picture),
                          " % of a picture; timestep_spacing trailing starts at ", top)});
}

void check_snr(const Plan& plan, std::vector<Finding>& found) {
  found.push_back({false, "snr",
                   concat("SNR goes from ", digits(plan.rows.front().snr), " at the first step to ",
                          digits(plan.rows.back().snr), " at the last")});
  const double left = std::sqrt(plan.last_alpha_bar);
  if (left > kMuchPicture)
    found.push_back({true, "terminal_snr",
                     concat("training ends with ", digits(100 * left),
                            " % of the picture still there, so that the model never saw pure noise;"
                            " rescale_betas_zero_snr is for training without that")});
  if (plan.last_alpha_bar == 0 && plan.config.value("prediction_type", "epsilon") == "epsilon")
    found.push_back({true, "zero_snr_epsilon",
                     concat("alpha-bar is 0 at t = ", plan.train - 1,
                            ", where the noise says nothing about the picture; ",
                            "zero terminal SNR needs prediction_type v_prediction or sample")});
}

void check_end(const Plan& plan, std::vector<Finding>& found) {
  const double last = plan.rows.back().timestep;
  if (last == 0 || plan.class_name != "DDPMScheduler") return;
  const std::string variance = plan.config.value("variance_type", "fixed_small");
  if (variance.starts_with("fixed_small")) return;  // 1e-10 at the end
  found.push_back({true, "final_noise",
                   concat("the last step is at t = ", last,
                          ", not 0, and adds noise there with "
                          "variance_type ",
                          variance, "; diffusers does the same")});
}

/// DDIM in diffusers steps from t to t - T/N (whole part), whatever comes next in the list.
void check_ddim_stride(const Plan& plan, std::vector<Finding>& found) {
  if (plan.class_name != "DDIMScheduler") return;
  const auto steps = static_cast<int64_t>(plan.rows.size());
  const int64_t whole_stride = plan.train / steps;
  const auto stride = static_cast<double>(whole_stride);
  std::vector<std::string> wrong;
  for (size_t i = 0; i + 1 < plan.rows.size(); ++i) {
    const double target = plan.rows[i].timestep - stride;
    const double next = plan.rows[i + 1].timestep;
    if (target != next)
      wrong.push_back(concat(plan.rows[i].timestep, " -> ", target, " (next is ", next, ")"));
  }
  if (wrong.empty()) return;
  const size_t count = wrong.size();
  if (count > 3) wrong.resize(3);
  found.push_back({true, "ddim_stride",
                   concat(count, " of ", counted(steps - 1, "step"), count == 1 ? " goes" : " go",
                          " to another noise level than the "
                          "next timestep's, as in diffusers: ",
                          joined(wrong), count > 3 ? ", ..." : "")});
}

void check_trailing_list(const Plan& plan, std::vector<Finding>& found) {
  if (plan.config.value("timestep_spacing", "") != "trailing") return;
  const double train = static_cast<double>(plan.train);
  const double steps = static_cast<double>(plan.rows.size());
  if (std::ceil(train / (train / steps)) > steps)
    found.push_back(
        {false, "trailing_extra",
         concat("diffusers' list has one entry more, -1, by rounding; it is left out here")});
}

void check_variance_type(const Plan& plan, std::vector<Finding>& found) {
  const std::string variance =
      plan.given.contains("variance_type") && plan.given["variance_type"].is_string()
          ? plan.given["variance_type"].get<std::string>()
          : "";
  if (plan.class_name != "DDPMScheduler" && variance.starts_with("learned"))
    found.push_back({true, "learned_variance",
                     concat("the model yields its variance in additional channels (variance_type ",
                            variance, "), which ", plan.class_name, " doesn't take")});
  if (plan.class_name == "DDPMScheduler" && variance == "fixed_large_log")
    found.push_back({false, "fixed_large_log",
                     "variance_type fixed_large_log is NaN in diffusers; here it is what it means, "
                     "fixed_large"});
}

/// Keys of before 2023 that say what prediction_type says today, and that diffusers reads no more.
void check_legacy_keys(const Plan& plan, std::vector<Finding>& found) {
  if (!plan.given.contains("predict_epsilon") || plan.given["predict_epsilon"] != false) return;
  if (plan.given.contains("prediction_type")) return;
  found.push_back({true, "predict_epsilon",
                   "predict_epsilon false has no effect any more, as in diffusers; if the model "
                   "predicts the picture, write prediction_type \"sample\""});
}

bool known(const std::string& class_name) {
  return Registry<SchedulerFactory>::contains(class_name);
}

/// Every key of a class with its default.
json defaults_of(const std::string& class_name) {
  return make_scheduler(class_name, json::object(), 0)->config();
}

/// Where the file is of another class: which keys it lacks, and whose defaults differ between the
/// classes.
void check_class_swap(const Plan& plan, std::vector<Finding>& found) {
  const std::string own = plan.given.value("_class_name", plan.class_name);
  if (own == plan.class_name) return;
  const json before = known(own) ? make_scheduler(own, plan.given, 0)->config() : json::object();
  std::vector<std::string> taken, unused;
  for (const auto& [key, value] : plan.config.items()) {
    if (plan.given.contains(key)) continue;
    if (!before.contains(key)) {
      taken.push_back(concat(key, " = ", value.dump()));
    } else if (before[key] != value) {
      found.push_back({true, "default_differs",
                       concat("the file lacks ", key, ": ", own, " takes ", before[key].dump(),
                              ", ", plan.class_name, " ", value.dump(),
                              "; once saved with all defaults, the first will hold for both")});
    }
  }
  const json of_own = known(own) ? defaults_of(own) : json::object();
  const json of_taken = defaults_of(plan.class_name);
  for (const auto& [key, value] : of_own.items())
    if (!of_taken.contains(key)) unused.push_back(key);
  std::string text = concat("the file is a ", own, "'s");
  if (!taken.empty()) text += concat("; defaults of ", plan.class_name, ": ", joined(taken));
  if (!unused.empty()) text += concat("; without effect: ", joined(unused));
  found.push_back({false, "class_swap", text});
}

}  // namespace

std::vector<Finding> audit_schedule(const json& config, const std::string& name,
                                    int64_t num_inference_steps) {
  const SchedulerPtr scheduler = make_scheduler(name, config, num_inference_steps);
  const Plan plan = {scheduler_class_name(name),
                     given_keys(config),
                     scheduler->config(),
                     schedule_table(*scheduler),
                     scheduler->alphas_cumprod().size(0),
                     scheduler->alphas_cumprod()[-1].item<double>()};
  std::vector<Finding> found;
  check_start(plan, found);
  check_snr(plan, found);
  check_end(plan, found);
  check_ddim_stride(plan, found);
  check_trailing_list(plan, found);
  check_variance_type(plan, found);
  check_legacy_keys(plan, found);
  check_class_swap(plan, found);
  return found;
}

}  // namespace mezzotint
