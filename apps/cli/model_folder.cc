#include "apps/cli/model_folder.h"

#include "mezzotint/pipelines/model_search.h"

namespace mezzotint::cli {

std::filesystem::path model_folder(const std::string& model) {
  return find_model(model, ModelSearch::from_environment({MEZZOTINT_SOURCE_MODELS}));
}

}  // namespace mezzotint::cli
