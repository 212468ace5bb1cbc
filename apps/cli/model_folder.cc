#include "apps/cli/model_folder.h"

#include "mezzotint/pipelines/model_search.h"

namespace mezzotint::cli {

namespace {

ModelSearch search() { return ModelSearch::from_environment({MEZZOTINT_SOURCE_MODELS}); }

}  // namespace

std::filesystem::path model_folder(const std::string& model) { return find_model(model, search()); }

std::vector<std::string> starter_models() { return search().starter_models(); }

}  // namespace mezzotint::cli
