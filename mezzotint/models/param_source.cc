#include "mezzotint/models/param_source.h"

#include <cmath>
#include <set>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

Tensor without_storage(IntArrayRef shape) {
  return at::empty(shape, at::TensorOptions().dtype(at::kFloat).device(at::kMeta));
}

class CheckpointSource : public ParamSource {
 public:
  explicit CheckpointSource(const Weights& checkpoint) : checkpoint_(checkpoint) {}

  Tensor make(const std::string& key, IntArrayRef shape, Init, double) override {
    used_.insert(key);
    const Tensor stored = checkpoint_.find(key);
    if (!stored.defined()) {
      missing_.push_back(key);
    } else if (stored.sizes() != shape) {
      wrong_.push_back(concat(key, " has shape ", stored.sizes(), ", wanted ", shape));
    } else if (!stored.is_floating_point()) {
      wrong_.push_back(concat(key, " holds ", stored.dtype().name(), ", wanted floating point"));
    } else {
      // Always a copy: the checkpoint may be a read-only mapping of a file, and training writes.
      return stored.detach().to(stored.options().dtype(at::kFloat), /*non_blocking=*/false,
                                /*copy=*/true, at::MemoryFormat::Contiguous);
    }
    return without_storage(shape);  // never used: finish() throws
  }

  void finish(const std::string& what) const override {
    std::vector<std::string> unused;
    for (const auto& [key, tensor] : checkpoint_)
      if (!used_.contains(key)) unused.push_back(key);
    if (missing_.empty() && wrong_.empty() && unused.empty()) return;
    std::vector<std::string> faults;
    if (!wrong_.empty()) faults.push_back(counted(wrong_, "misshapen"));
    if (!missing_.empty()) faults.push_back(counted(missing_, "missing"));
    if (!unused.empty()) faults.push_back(counted(unused, "not part of the model"));
    fail(what, ": the weights don't fit the configuration: ", joined(faults, "; "),
         ". Check that config.json and the weights belong together");
  }

 private:
  static std::string counted(const std::vector<std::string>& items, const char* fault) {
    return concat(items.size(), " ", fault, " (", items.size() > 1 ? "first: " : "", items[0], ")");
  }

  Weights checkpoint_;
  std::set<std::string> used_;
  std::vector<std::string> missing_, wrong_;
};

class RandomSource : public ParamSource {
 public:
  explicit RandomSource(RandomStream stream) : stream_(std::move(stream)) {}

  Tensor make(const std::string&, IntArrayRef shape, Init init, double number) override {
    switch (init) {
      case Init::kZeros:
        return at::zeros(shape);
      case Init::kOnes:
        return at::ones(shape);
      case Init::kNormal:
        return stream_.randn(shape);
      case Init::kFourier:
        stream_.randn(shape);
        return stream_.randn(shape).mul_(16);
      case Init::kUniform:
        return uniform(shape, number);
      case Init::kScaledNormal:
        return stream_.randn(shape).mul_(number);
      case Init::kConstant:
        return at::full(shape, number, at::kFloat);
    }
    fail("unknown initialisation");
  }

 private:
  Tensor uniform(IntArrayRef shape, double fan_in) {
    MEZZO_CHECK(fan_in > 0, "uniform initialisation needs a positive fan_in, got ", fan_in);
    const double root = std::sqrt(fan_in);
    // torch bounds a weight by kaiming_uniform_(a=sqrt(5)) and a bias directly. The bounds are
    // equal on paper; the same arithmetic keeps their last bit equal too.
    const double negative_slope = std::sqrt(5.0);
    const double gain = std::sqrt(2.0 / (1 + negative_slope * negative_slope));
    const double bound = shape.size() > 1 ? std::sqrt(3.0) * (gain / root) : 1 / root;
    return at::empty(shape).uniform_(-bound, bound, stream_.generator());
  }

  RandomStream stream_;
};

class ShapeSource : public ParamSource {
 public:
  Tensor make(const std::string&, IntArrayRef shape, Init, double) override {
    return without_storage(shape);
  }
};

}  // namespace

std::unique_ptr<ParamSource> checkpoint_source(const Weights& checkpoint) {
  return std::make_unique<CheckpointSource>(checkpoint);
}

std::unique_ptr<ParamSource> random_source(RandomStream stream) {
  return std::make_unique<RandomSource>(std::move(stream));
}

std::unique_ptr<ParamSource> shape_source() { return std::make_unique<ShapeSource>(); }

}  // namespace mezzotint
