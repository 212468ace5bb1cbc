#include "mezzotint/data/inspect.h"

#include <algorithm>
#include <mutex>

#include <ATen/Parallel.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

/// What is kept of an item after it was read.
struct Item {
  std::string name, stored_as, damage;
  int width = 0, height = 0, channels = 0;
  int64_t label = -1;
  uint64_t hash = 0;
};

/// FNV-1a, the size first.
uint64_t hash_of(const Image& image) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&hash](uint64_t value) { hash = (hash ^ value) * 0x100000001b3ULL; };
  mix(static_cast<uint64_t>(image.width));
  mix(static_cast<uint64_t>(image.channels));
  for (const uint8_t pixel : image.pixels) mix(pixel);
  return hash;
}

Item read_item(const Dataset& dataset, int64_t index) {
  Item item;
  try {
    const Example example = dataset.get(index);
    const Image& image = example.image;
    item = {example.name,  image.stored_as, "", image.width, image.height, image.channels,
            example.label, hash_of(image)};
  } catch (const Error& error) {
    item.damage = error.what();
  }
  return item;
}

std::vector<Item> read_all(const Dataset& dataset, const std::function<void(int64_t)>& after_each) {
  std::vector<Item> items(dataset.size());
  std::mutex mutex;
  int64_t done = 0;
  at::parallel_for(0, dataset.size(), 1, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      items[i] = read_item(dataset, i);
      const std::lock_guard lock(mutex);
      ++done;
      if (after_each) after_each(done);
    }
  });
  return items;
}

bool equal_pixels(const Dataset& dataset, int64_t a, int64_t b) {
  const Image first = dataset.get(a).image, second = dataset.get(b).image;
  return first.width == second.width && first.channels == second.channels &&
         first.pixels == second.pixels;
}

/// Groups of equal pictures, by the first of each. Those whose hashes agree are read again and
/// compared.
std::vector<std::vector<std::string>> find_duplicates(const Dataset& dataset,
                                                      const std::vector<Item>& items) {
  std::map<uint64_t, std::vector<std::vector<int64_t>>> by_hash;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    if (!items[i].damage.empty()) continue;
    auto& groups = by_hash[items[i].hash];
    const auto same = std::ranges::find_if(
        groups, [&](const auto& group) { return equal_pixels(dataset, group[0], i); });
    if (same == groups.end())
      groups.push_back({i});
    else
      same->push_back(i);
  }
  std::vector<std::vector<int64_t>> found;
  for (const auto& [hash, groups] : by_hash)
    for (const auto& group : groups)
      if (group.size() > 1) found.push_back(group);
  std::ranges::sort(found);
  std::vector<std::vector<std::string>> names;
  for (const auto& group : found) {
    names.emplace_back();
    for (const int64_t i : group) names.back().push_back(items[i].name);
  }
  return names;
}

}  // namespace

DataReport inspect(const Dataset& dataset, const std::function<void(int64_t)>& after_each) {
  const std::vector<Item> items = read_all(dataset, after_each);
  DataReport report;
  report.items = dataset.size();
  report.class_counts.resize(dataset.class_names().size());
  for (const Item& item : items) {
    if (!item.damage.empty()) {
      report.damaged.push_back(item.damage);
      continue;
    }
    ++report.sizes[{item.width, item.height}];
    ++report.stored_as[item.stored_as];
    ++report.channels[item.channels];
    if (!report.class_counts.empty()) ++report.class_counts.at(item.label);
  }
  report.duplicates = find_duplicates(dataset, items);
  report.skipped = dataset.skipped();
  return report;
}

}  // namespace mezzotint
