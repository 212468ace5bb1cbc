#include "mezzotint/models/params.h"

#include <vector>

#include "mezzotint/models/param_source.h"

namespace mezzotint {

struct Params::Node {
  std::string name;
  Tensor tensor;  ///< defined at leaves only
  std::vector<std::unique_ptr<Node>> children;

  Node* child(const std::string& child_name) {
    for (const auto& existing : children)
      if (existing->name == child_name) return existing.get();
    children.push_back(std::make_unique<Node>());
    children.back()->name = child_name;
    return children.back().get();
  }
};

struct Params::State {
  std::unique_ptr<ParamSource> source;
  LoraAdapter adapter;
  Node root;
};

namespace {

std::string below(const std::string& scope, const std::string& name) {
  return scope.empty() ? name : scope + "." + name;
}

}  // namespace

Params Params::from_checkpoint(const Weights& checkpoint, const LoraAdapter& adapter) {
  auto state = std::make_shared<State>();
  state->adapter = adapter;
  state->source = checkpoint_source(checkpoint);
  return Params(state, &state->root, "");
}

Params Params::initialised(RandomStream stream) {
  auto state = std::make_shared<State>();
  state->source = random_source(std::move(stream));
  return Params(state, &state->root, "");
}

Params Params::shapes_only() {
  auto state = std::make_shared<State>();
  state->source = shape_source();
  return Params(state, &state->root, "");
}

Params Params::operator/(const std::string& name) const {
  return Params(state_, node_->child(name), below(scope_, name));
}

Tensor Params::get(const std::string& name, IntArrayRef shape, Init init, double number) const {
  const std::string key = below(scope_, name);
  Node* leaf = node_->child(name);
  MEZZO_CHECK(!leaf->tensor.defined(), "parameter ", key, " is asked for twice");
  leaf->tensor = state_->source->make(key, shape, init, number);
  return leaf->tensor;
}

ops::LowRank Params::change() const { return state_->adapter.find(scope_); }

Weights Params::taken() const {
  Weights all;
  const auto walk = [&all](const auto& self, const Node& node, const std::string& key) -> void {
    if (node.tensor.defined()) all.set(key, node.tensor);
    for (const auto& child : node.children) self(self, *child, below(key, child->name));
  };
  walk(walk, state_->root, "");
  return all;
}

std::vector<Tensor> Params::taken_here() const {
  std::vector<Tensor> all;
  const auto walk = [&all](const auto& self, const Node& node) -> void {
    if (node.tensor.defined()) all.push_back(node.tensor);
    for (const auto& child : node.children) self(self, *child);
  };
  walk(walk, *node_);
  for (const auto& [module, change] : state_->adapter)
    if (module.starts_with(below(scope_, ""))) all.insert(all.end(), {change.a, change.b});
  return all;
}

void Params::finish(const std::string& what) const { state_->source->finish(what); }

}  // namespace mezzotint
