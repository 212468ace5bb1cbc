// Loss `classifier`: towards a class, as a network sees it.
#include <ATen/ops/log_softmax.h>

#include "mezzotint/base/error.h"
#include "mezzotint/guidance/loss_kind.h"

namespace mezzotint {
namespace {

int64_t class_of(const std::string& text, const Classifier& classifier) {
  for (size_t i = 0; i < classifier.class_names.size(); ++i)
    if (classifier.class_names[i] == text) return static_cast<int64_t>(i);
  const nlohmann::json number = json_from_text<int64_t>(text);
  if (number.is_number_unsigned() && number.get<int64_t>() < classifier.class_count)
    return number.get<int64_t>();
  fail_usage("loss classifier: no class '", text, "'", did_you_mean(text, classifier.class_names),
             "; wanted ",
             classifier.class_names.empty() ? "" : joined(classifier.class_names) + ", or ",
             "0 to ", classifier.class_count - 1);
}

/// Minus the logarithm of the class's probability (Dhariwal and Nichol 2021, arXiv:2105.05233,
/// section 4.1, on the predicted clean picture in place of the noisy one).
struct ClassifierLoss {
  std::string label;
  std::string model;

  void fields(auto& f) {
    f("label", label, "the class, by name or number");
    f("model", model, "the classifier: what `train --recipe classifier` wrote");
  }

  GuideLoss make(const LossResources& resources) const {
    if (label.empty()) fail_usage("loss classifier: wanted a class, such as classifier:3");
    if (model.empty()) fail_usage("loss classifier: wanted a network, model=FOLDER");
    MEZZO_CHECK(resources.classifier, "loss classifier: there is nothing to load ", model, " with");
    const Classifier classifier = resources.classifier(model);
    const int64_t index = class_of(label, classifier);
    return [classifier, index](const Tensor& x0_bchw, double) {
      return -at::log_softmax(classifier.logits(x0_bchw), 1).select(1, index);
    };
  }
};

const Registered<LossKind> kClassifier(
    "classifier",
    loss_kind<ClassifierLoss>("towards a class, as a classifier sees it", "label", 1));

}  // namespace
}  // namespace mezzotint
