#include "mezzotint/pipelines/model_search.h"

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"

#include "tests/pipelines/temporary_pipeline.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

class FindModel : public testing::Test {
 protected:
  FindModel() {
    fs::create_directories(root() / "models/emoji-32");
    folder_.write("models/emoji-32/model_index.json", "{}");
    const fs::path cached = root() / "hub/models--google--ddpm-celebahq-256";
    fs::create_directories(cached / "snapshots/abc123");
    fs::create_directories(cached / "refs");
    folder_.write("hub/models--google--ddpm-celebahq-256/refs/main", "abc123");
    search_ = {{root() / "models"}, root() / "hub"};
  }
  const fs::path& root() const { return folder_.path(); }
  std::string error_of(const std::string& model) {
    try {
      find_model(model, search_);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryPipeline folder_;
  ModelSearch search_;
};

TEST_F(FindModel, FoldersStarterModelsAndTheHubsCache) {
  EXPECT_EQ(find_model(root().string(), search_), root());
  EXPECT_EQ(find_model("emoji-32", search_), root() / "models/emoji-32");
  EXPECT_EQ(find_model("google/ddpm-celebahq-256", search_),
            root() / "hub/models--google--ddpm-celebahq-256/snapshots/abc123");
  EXPECT_EQ(search_.starter_models(), std::vector<std::string>{"emoji-32"});
  EXPECT_EQ(search_.cached_models(), std::vector<std::string>{"google/ddpm-celebahq-256"});
}

TEST_F(FindModel, ARunFolderMeansItsModel) {
  fs::create_directories(root() / "run/model");
  folder_.write("run/config.json", "{}");
  folder_.write("run/model/model_index.json", "{}");
  const std::string run = (root() / "run").string();
  EXPECT_EQ(find_model(run, search_), run);  // a CLIP's folder has a config.json too
  folder_.write("run/metrics.jsonl", "");
  EXPECT_EQ(find_model(run, search_), root() / "run/model");
  EXPECT_EQ(find_model(run + "/model", search_), root() / "run/model");
  fs::remove_all(root() / "run/model");
  EXPECT_NE(error_of(run).find("is a training run that has no model yet; " + run + "/model"),
            std::string::npos)
      << error_of(run);
}

TEST_F(FindModel, ErrorsNameTheNearest) {
  EXPECT_NE(error_of("emoij-32").find("did you mean 'emoji-32'?"), std::string::npos);
  // The course's own misspelling.
  EXPECT_NE(error_of("google/ddpm-cecebahq-256").find("did you mean 'google/ddpm-celebahq-256'?"),
            std::string::npos);
  EXPECT_NE(error_of("zzz").find("no model 'zzz'; looked for"), std::string::npos)
      << error_of("zzz");
}

}  // namespace
}  // namespace mezzotint
