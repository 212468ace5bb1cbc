// `mezzotint sample MODEL -o OUT`: makes pictures.
#include "mezzotint/base/registry.h"
#include "mezzotint/pipelines/sampler.h"

#include "apps/cli/sampling.h"

namespace mezzotint::cli {
namespace {

/// The network alone, a few pictures at a time.
Steer network_alone(const SamplingParts& parts) {
  const int64_t chunk = parts.request.batch;
  const CancelToken cancel = parts.context.cancel;
  return unsteered(in_chunks(parts.predict_for, chunk, cancel), parts.scheduler);
}

std::function<void(Context&)> declare(CLI::App& app) {
  const auto request = std::make_shared<SampleRequest>();
  add_sample_options(app, *request);
  return [request](Context& context) {
    run_sampling(*request, context,
                 {.verb = "sample", .label = "sampling", .steer = network_alone});
  };
}

const Registered<Verb> kSample("sample", {"make pictures", declare});

}  // namespace
}  // namespace mezzotint::cli
