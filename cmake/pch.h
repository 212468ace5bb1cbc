// Precompiled once for the whole build: the headers that nearly every file needs and that cost
// seconds each. No file relies on it: each includes what it uses, and clang-tidy reads them without
// it.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <nlohmann/json.hpp>
