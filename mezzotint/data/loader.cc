#include "mezzotint/data/loader.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/error.h"
#include "mezzotint/base/random.h"
#include "mezzotint/data/transform.h"

namespace mezzotint {
namespace {

/// A picture that needs only its crop and flip; or why there is none.
struct Prepared {
  Image image;
  int64_t label = -1;
  std::string name;
  std::string damage;  ///< empty when all is well
};

using PreparedPtr = std::shared_ptr<const Prepared>;

PreparedPtr read_item(const Dataset& dataset, const TransformConfig& transform, int64_t index) {
  auto item = std::make_shared<Prepared>();
  try {
    Example example = dataset.get(index);
    item->image = prepare(example.image, transform);
    item->label = example.label;
    item->name = std::move(example.name);
  } catch (const Error& error) {
    item->damage = error.what();
  }
  return item;
}

void check_same_size(const std::vector<PreparedPtr>& items, const TransformConfig& transform) {
  const auto size = output_size(items[0]->image, transform);
  for (const PreparedPtr& item : items) {
    const auto other = output_size(item->image, transform);
    if (other != size)
      fail("pictures of different sizes can't share a batch: ", items[0]->name, " is ", size[0],
           " x ", size[1], ", ", item->name, " is ", other[0], " x ", other[1],
           "; give a width and height to bring them to");
  }
}

}  // namespace

/// What the loader remembers to be quick; nothing in it changes what batch() returns.
struct Loader::State {
  std::mutex mutex;
  int64_t order_epoch = -1;
  std::vector<int64_t> order;      ///< of order_epoch
  std::vector<PreparedPtr> cache;  ///< by index into the data set, null where not kept
  int64_t cached_bytes = 0;
  std::map<int64_t, std::string> damaged;  ///< index -> what is wrong

  std::vector<int64_t> indices(const Options& options, int64_t epoch, int64_t from, int64_t to);
  PreparedPtr read(const Loader& loader, int64_t index);
  std::vector<PreparedPtr> read_all(const Loader& loader, std::vector<int64_t>& chosen);
};

/// What stands at positions [from, to) of the epoch's order.
std::vector<int64_t> Loader::State::indices(const Options& options, int64_t epoch, int64_t from,
                                            int64_t to) {
  const std::lock_guard lock(mutex);
  const auto size = static_cast<int64_t>(cache.size());
  if (order_epoch != epoch) {
    order.resize(size);
    std::iota(order.begin(), order.end(), 0);
    if (options.shuffle) {
      const Tensor shuffled =
          RandomStream(stream_seed(options.seed, concat("shuffle/", epoch))).randperm(size);
      std::copy_n(shuffled.const_data_ptr<int64_t>(), size, order.begin());
    }
    order_epoch = epoch;
  }
  return {order.begin() + from, order.begin() + to};
}

/// One picture, kept in memory while there is room.
PreparedPtr Loader::State::read(const Loader& loader, int64_t index) {
  {
    const std::lock_guard lock(mutex);
    if (cache[index]) return cache[index];
  }
  PreparedPtr item = read_item(*loader.dataset_, loader.transform_, index);
  const auto bytes =
      static_cast<int64_t>(item->image.pixels.size() + item->name.size() + sizeof(Prepared));
  const std::lock_guard lock(mutex);
  if (!cache[index] && cached_bytes + bytes <= loader.options_.cache_bytes) {
    cache[index] = item;
    cached_bytes += bytes;
  }
  return item;
}

/// The pictures of a batch, read on all threads. Damaged ones end the run or are taken out of
/// `chosen`.
std::vector<PreparedPtr> Loader::State::read_all(const Loader& loader,
                                                 std::vector<int64_t>& chosen) {
  std::vector<PreparedPtr> items(chosen.size());
  at::parallel_for(0, static_cast<int64_t>(chosen.size()), 1, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) items[i] = read(loader, chosen[i]);
  });
  for (size_t i = 0; i < items.size();) {
    if (items[i]->damage.empty()) {
      ++i;
      continue;
    }
    if (loader.options_.on_damaged == "error")
      fail(items[i]->damage, "; to leave out what is damaged, set on_damaged to skip");
    const std::lock_guard lock(mutex);
    damaged.emplace(chosen[i], items[i]->damage);
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
    chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return items;
}

Loader::Loader(DatasetPtr dataset, TransformConfig transform, Options options)
    : dataset_(std::move(dataset)),
      transform_(std::move(transform)),
      options_(std::move(options)),
      state_(std::make_shared<State>()) {
  MEZZO_CHECK(dataset_ && dataset_->size() > 0, "the data set is empty");
  check_transform(transform_);
  if (options_.batch_size < 1)
    fail_usage("batch size: got ", options_.batch_size, ", wanted at least 1");
  if (options_.on_damaged != "error" && options_.on_damaged != "skip")
    fail_usage("on_damaged: unknown value '", options_.on_damaged, "'; known: error, skip");
  if (batches_per_epoch() == 0)
    fail_usage("batch size ", options_.batch_size, " is more than the data set's ",
               counted(dataset_->size(), "picture"),
               ", and an incomplete last batch is to be dropped");
  state_->cache.resize(dataset_->size());
}

int64_t Loader::batches_per_epoch() const {
  const int64_t size = dataset_->size(), batch = options_.batch_size;
  return options_.drop_last ? size / batch : (size + batch - 1) / batch;
}

Batch Loader::batch(int64_t epoch, int64_t index) const {
  MEZZO_CHECK(epoch >= 0 && index >= 0 && index < batches_per_epoch(), "there is no batch ", index,
              " in epoch ", epoch, "; an epoch has ", batches_per_epoch());
  const int64_t size = dataset_->size();
  const int64_t from = index * options_.batch_size, to = std::min(from + options_.batch_size, size);
  std::vector<int64_t> chosen = state_->indices(options_, epoch, from, to);
  std::vector<PreparedPtr> items = state_->read_all(*this, chosen);
  // Were every picture of the batch damaged, the epoch's next readable one stands in, so that no
  // batch is empty.
  for (int64_t i = 0; items.empty() && i < size; ++i) {
    const int64_t next = (to + i) % size;
    chosen = state_->indices(options_, epoch, next, next + 1);
    items = state_->read_all(*this, chosen);
  }
  if (items.empty()) fail("no picture of ", size, " can be read; the first was ", warnings()[0]);
  check_same_size(items, transform_);

  const auto count = static_cast<int64_t>(items.size());
  const auto [width, height] = output_size(items[0]->image, transform_);
  Batch batch;
  batch.x0_bchw = at::empty({count, transform_.channels, height, width}, at::kFloat);
  float* out = batch.x0_bchw.mutable_data_ptr<float>();
  const int64_t volume = transform_.channels * height * width;
  at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const uint64_t seed = stream_seed(options_.seed, concat("augment/", epoch, "/", chosen[i]));
      finish(items[i]->image, transform_, seed, out + i * volume);
    }
  });
  if (dataset_->class_names().empty()) return batch;
  batch.label_b = at::empty({count}, at::kLong);
  for (int64_t i = 0; i < count; ++i)
    batch.label_b.mutable_data_ptr<int64_t>()[i] = items[i]->label;
  return batch;
}

std::vector<std::string> Loader::warnings() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> lines;
  for (const auto& [index, reason] : state_->damaged) lines.push_back("left out: " + reason);
  return lines;
}

}  // namespace mezzotint
