#include "mezzotint/data/dataset_kind.h"

namespace mezzotint {
namespace {

// Xiao et al. 2017, arXiv:1708.07747: idx files as MNIST's; the class names are those of its
// table 2.
const Registered<KnownDataset> kFashionMnist(
    "fashion-mnist", {{"/usr/share/datasets/fashion-mnist"},
                      "install it with `apt install dataset-fashion-mnist`, or give the folder "
                      "that holds its idx files",
                      {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                       "Sneaker", "Bag", "Ankle boot"}});

}  // namespace
}  // namespace mezzotint
