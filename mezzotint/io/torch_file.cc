#include "mezzotint/base/error.h"
#include "mezzotint/io/weights_folder.h"

namespace mezzotint {

Weights read_torch_file(const std::filesystem::path& path) {
  fail(path.string(), ": this format is not read");
}

}  // namespace mezzotint
