#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace mezzotint::cli {

/// What the options of `sample` ask for, as they were typed; 0 and "" where nothing was said.
struct SampleRequest {
  std::string model;
  std::string out;
  std::string scheduler;
  std::string labels;
  std::string init_noise;
  std::string trace;
  std::string animate;
  std::string seeds;
  std::string variant;
  std::vector<std::string> loras;  ///< lora_option.h
  int64_t count = 0;
  int64_t steps = 0;               ///< 0: the scheduler's default, at most most_default_steps
  int64_t most_default_steps = 0;  ///< 0: no bound
  int64_t preview_every = 0;
  int64_t animate_every = 0;
  int64_t batch = 16;
  int64_t columns = 0;
  int64_t height = 0;
  int64_t width = 0;
  double eta = 0.0;
  double guidance_scale = 1.0;  ///< classifier-free; 1: none
  int64_t null_label = -1;      ///< stands for no class
};

/// Declares them. @param request outlives `app`.
void add_sample_options(CLI::App& app, SampleRequest& request);

/// @throws Error (kUsage) for values that can't be, before anything is loaded.
void check(const SampleRequest& request);

}  // namespace mezzotint::cli
