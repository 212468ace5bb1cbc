#include "mezzotint/io/git_lfs.h"

#include "mezzotint/base/error.h"

namespace mezzotint {

void refuse_lfs_pointer(std::string_view content, const std::filesystem::path& path) {
  if (content.starts_with("version https://git-lfs"))
    fail(path.string(),
         ": a git-lfs pointer, not the file itself; install git-lfs and run `git lfs pull` in ",
         path.parent_path().empty() ? "." : path.parent_path().string());
}

}  // namespace mezzotint
