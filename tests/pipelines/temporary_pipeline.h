#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace mezzotint {

inline std::filesystem::path reference_pipeline() {
  return std::filesystem::path(MEZZOTINT_TEST_DATA) / "pipelines/data/ddpm";
}

/// A copy of the reference pipeline to be changed; gone after the test.
class TemporaryPipeline {
 public:
  TemporaryPipeline() {
    std::string name = (std::filesystem::temp_directory_path() / "mezzotint-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    std::filesystem::copy(reference_pipeline(), path_, std::filesystem::copy_options::recursive);
  }
  ~TemporaryPipeline() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryPipeline(const TemporaryPipeline&) = delete;
  TemporaryPipeline& operator=(const TemporaryPipeline&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(path_ / file) << text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace mezzotint
