#include "mezzotint/training/retrieval.h"

#include <algorithm>
#include <random>

#include "mezzotint/base/error.h"

namespace mezzotint {

double retrieval_accuracy(const Tensor& text_td, const Tensor& picture_pd,
                          const std::vector<RetrievalCase>& cases, int64_t candidates,
                          int64_t draws, uint64_t seed) {
  MEZZO_CHECK(!cases.empty() && candidates > 1 && draws > 0,
              "retrieval: wanted at least one case, two candidates and one draw");
  const Tensor cosine_tp = text_td.matmul(picture_pd.t()).contiguous();
  const int64_t pictures = picture_pd.size(0);
  std::mt19937_64 random(seed);
  int64_t found = 0;
  for (const RetrievalCase& one : cases) {
    std::vector<float> others;
    const float* row = cosine_tp.const_data_ptr<float>() + one.text * pictures;
    for (int64_t k = 0; k < pictures; ++k)
      if (k != one.picture && std::ranges::find(one.also_right, k) == one.also_right.end())
        others.push_back(row[k]);
    const auto wanted = std::min<size_t>(static_cast<size_t>(candidates - 1), others.size());
    for (int64_t draw = 0; draw < draws; ++draw) {
      bool nearest = true;
      for (size_t k = 0; k < wanted; ++k) {  // the first `wanted` of a shuffle
        std::swap(others[k], others[k + random() % (others.size() - k)]);
        nearest = nearest && others[k] < row[one.picture];
      }
      if (nearest) ++found;
    }
  }
  return static_cast<double>(found) / static_cast<double>(cases.size() * draws);
}

}  // namespace mezzotint
