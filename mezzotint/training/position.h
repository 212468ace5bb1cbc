#pragma once

#include <cstdint>
#include <string>

namespace mezzotint {

/// Where a training run stands. The words mean the same in every option, file and message:
///   micro-batch  one pass forward and back of `batch_size` pictures;
///   update       one step of the optimizer, after `grad_accumulation_steps` micro-batches, fewer
///                at the end of an epoch; the bare word "step" means an update;
///   images       pictures seen, repeats counted.
struct Position {
  int64_t epoch = 0;        ///< epochs finished
  int64_t batch = 0;        ///< micro-batches finished in this epoch
  int64_t micro_batch = 0;  ///< micro-batches finished since the start
  int64_t update = 0;       ///< updates finished since the start
  int64_t images = 0;       ///< pictures seen since the start
  void fields(auto& f) {
    f("epoch", epoch);
    f("batch", batch);
    f("micro_batch", micro_batch);
    f("update", update);
    f("images", images);
  }
};

/// "update-00000042": how files of an update are named; they sort by it.
std::string update_name(int64_t update);

}  // namespace mezzotint
