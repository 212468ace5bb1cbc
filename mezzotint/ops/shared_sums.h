#pragma once

#include <algorithm>

#include <ATen/Parallel.h>

namespace mezzotint::ops {

/// How a weight's gradient, a sum over many rows of products with `out` channels, is shared out:
/// into parts of the rows where there are many, whose sums are added in their order afterwards, and
/// into chunks of the channels where there are few. The number of threads decides, so that the
/// result has the same bits every time.
struct SharedSums {
  SharedSums(int64_t rows, int64_t out) : rows(rows), out(out) {
    constexpr int64_t kOwnRows = 512;     // repay sums of a thread's own
    constexpr int64_t kFewChannels = 12;  // fill the registers
    const int64_t threads = at::get_num_threads();
    parts = std::clamp<int64_t>(rows / kOwnRows, 1, threads);
    chunks = std::min((threads + parts - 1) / parts, (out + kFewChannels - 1) / kFewChannels);
  }

  /// A task: some channels of one part.
  struct Share {
    int64_t part, first_row, last_row, first_out, last_out;
  };

  /// Calls body(share, scratch) for all of them, with scratch = make_scratch() for each thread.
  template <class MakeScratch, class Body>
  void for_each(const MakeScratch& make_scratch, const Body& body) const {
    at::parallel_for(0, parts * chunks, 1, [&](int64_t begin, int64_t end) {
      const auto scratch = make_scratch();
      for (int64_t i = begin; i < end; ++i) {
        const int64_t part = i / chunks, chunk = i % chunks;
        body(Share{part, rows * part / parts, rows * (part + 1) / parts, out * chunk / chunks,
                   out * (chunk + 1) / chunks},
             scratch);
      }
    });
  }

  int64_t rows, out, parts, chunks;
};

}  // namespace mezzotint::ops
