#pragma once

#include <memory>
#include <string>

#include "mezzotint/models/params.h"

namespace mezzotint {

/// What a Params draws from. One call a parameter, in the order of construction.
class ParamSource {
 public:
  virtual ~ParamSource() = default;
  virtual Tensor make(const std::string& key, IntArrayRef shape, Init init, double number) = 0;
  /// @throws Error when what was asked for and what there was don't match.
  virtual void finish(const std::string& /*what*/) const {}
};

std::unique_ptr<ParamSource> checkpoint_source(const Weights& checkpoint);
std::unique_ptr<ParamSource> random_source(RandomStream stream);
std::unique_ptr<ParamSource> shape_source();

}  // namespace mezzotint
