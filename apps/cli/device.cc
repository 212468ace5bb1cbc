#include "apps/cli/device.h"

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/whole_number.h"

namespace mezzotint::cli {
namespace {

int cuda_devices() {
  const at::CUDAHooksInterface& cuda = at::detail::getCUDAHooks();
  return cuda.hasCUDA() ? cuda.deviceCount() : 0;
}

c10::Device cuda_device(const std::string& name) {
  int index = 0;
  if (name != "cuda") {
    const std::optional<int> number = whole_number<int>(std::string_view(name).substr(5));
    if (!number || *number < 0)
      fail_usage("--device: got '", name, "', wanted auto, cpu, cuda or cuda:N");
    index = *number;
  }
  const int count = cuda_devices();
  if (count == 0)
    fail("--device ", name,
         ": this LibTorch was built without CUDA, or the machine has no CUDA device; use --device "
         "cpu");
  if (index >= count)
    fail("--device ", name, ": the machine has ", counted(count, "CUDA device"),
         ", numbered from 0");
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace

c10::Device device_of(const std::string& name) {
  if (name == "cpu") return c10::kCPU;
  if (name == "auto")
    return cuda_devices() > 0 ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  if (name == "cuda" || name.starts_with("cuda:")) return cuda_device(name);
  if (name == "mps") fail("--device mps: not built; use --device cpu or cuda");
  fail_usage("--device: got '", name, "', wanted auto, cpu, cuda or cuda:N");
}

c10::Device prepare_device(const GlobalOptions& options) {
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  return device_of(options.device);
}

}  // namespace mezzotint::cli
