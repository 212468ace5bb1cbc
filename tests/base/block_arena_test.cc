#include "mezzotint/base/block_arena.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mezzotint {
namespace {

constexpr size_t kMegabyte = size_t{1} << 20;

/// Whether the system holds memory for each page of [block, block + bytes), in bytes.
size_t held_by_system(void* block, size_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGE_SIZE));
  std::vector<unsigned char> pages(bytes / page);
  EXPECT_EQ(mincore(block, bytes / page * page, pages.data()), 0);
  return page * static_cast<size_t>(std::ranges::count_if(pages, [](auto p) { return p & 1; }));
}

struct Taken {
  unsigned char* at;
  size_t size;
  unsigned char mark;
};

size_t some_size(std::mt19937& random) {
  // From one byte to 4 MB, each order of magnitude equally often.
  const double exponent = std::uniform_real_distribution<double>(0, 22)(random);
  return static_cast<size_t>(std::exp2(exponent));
}

bool holds_its_mark(const Taken& taken) {
  return std::all_of(taken.at, taken.at + taken.size,
                     [&](unsigned char byte) { return byte == taken.mark; });
}

// Blocks that overlapped would overwrite each other's marks.
TEST(BlockArena, BlocksKeepWhatIsWrittenToThem) {
  BlockArena arena(512 * kMegabyte);
  std::mt19937 random(1);
  std::vector<Taken> taken;
  for (int i = 0; i < 3000; ++i) {
    if (taken.size() < 40 || random() % 2) {
      const size_t size = some_size(random);
      auto* const at = static_cast<unsigned char*>(arena.take(size));
      ASSERT_NE(at, nullptr);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(at) % BlockArena::kAlignment, 0u);
      taken.push_back({at, size, static_cast<unsigned char>(random())});
      std::memset(at, taken.back().mark, size);
    } else {
      std::swap(taken[random() % taken.size()], taken.back());
      ASSERT_TRUE(holds_its_mark(taken.back()));
      ASSERT_TRUE(arena.give(taken.back().at));
      taken.pop_back();
    }
    if (i % 500 == 499) arena.release();
  }
  for (const Taken& one : taken) {
    EXPECT_TRUE(holds_its_mark(one));
    EXPECT_TRUE(arena.give(one.at));
  }
  EXPECT_EQ(arena.usage().in_use, 0u);
  // Neighbours have become one again: a block as large as everything fits.
  EXPECT_NE(arena.take(512 * kMegabyte), nullptr);
}

TEST(BlockArena, TheSameWorkAgainTakesNoMemory) {
  BlockArena arena(512 * kMegabyte);
  const auto work = [&arena] {
    std::vector<void*> out;
    for (const size_t size : {5, 1, 17, 3, 9}) out.push_back(arena.take(size * kMegabyte));
    for (const size_t i : {1, 3, 0, 4, 2}) EXPECT_TRUE(arena.give(out[i]));
  };
  work();
  const size_t once = arena.usage().resident;
  EXPECT_GE(once, 35 * kMegabyte);
  for (int i = 0; i < 10; ++i) work();
  EXPECT_EQ(arena.usage().resident, once);
}

TEST(BlockArena, ReleaseGivesFreeBlocksBackAndNoOthers) {
  BlockArena arena(256 * kMegabyte);
  void* const kept = arena.take(8 * kMegabyte);
  void* const freed = arena.take(32 * kMegabyte);
  std::memset(kept, 1, 8 * kMegabyte);
  std::memset(freed, 2, 32 * kMegabyte);
  EXPECT_EQ(arena.release(), 0u);
  arena.give(freed);
  EXPECT_GE(held_by_system(freed, 32 * kMegabyte), 32 * kMegabyte);
  EXPECT_GE(arena.release(), 30 * kMegabyte);  // whole huge pages only
  EXPECT_LE(held_by_system(freed, 32 * kMegabyte), 2 * kMegabyte);
  EXPECT_TRUE(holds_its_mark({static_cast<unsigned char*>(kept), 8 * kMegabyte, 1}));
  EXPECT_EQ(arena.usage().most_in_use, 8 * kMegabyte);
}

TEST(BlockArena, KeepsNoMoreThanItsLimit) {
  BlockArena arena(256 * kMegabyte, {.kept = 16 * kMegabyte});
  std::vector<void*> out;
  for (int i = 0; i < 8; ++i) out.push_back(arena.take(8 * kMegabyte));
  for (void* block : out) arena.give(block);
  EXPECT_LE(arena.usage().resident, 16 * kMegabyte);
}

// Blocks of growing size fit into no gap; the gaps' memory goes where the new blocks are.
TEST(BlockArena, GapsDontPileUp) {
  BlockArena arena(4096 * kMegabyte, {.share = 1.25});
  std::vector<void*> pins;
  size_t largest = 0;
  for (size_t size = 100; size < 140; size += 2) {
    void* const block = arena.take(size * kMegabyte);
    pins.push_back(arena.take(1));  // keeps the gap from growing
    ASSERT_TRUE(block && pins.back());
    EXPECT_TRUE(arena.give(block));
    largest = size * kMegabyte;
  }
  EXPECT_LE(arena.usage().resident, largest + largest / 4 + pins.size() * AddressRange::kChunk);
}

TEST(BlockArena, SaysWhenThereIsNoRoom) {
  BlockArena arena(8 * kMegabyte);
  void* const first = arena.take(6 * kMegabyte);
  EXPECT_EQ(arena.take(4 * kMegabyte), nullptr);
  EXPECT_EQ(arena.take(std::numeric_limits<size_t>::max()), nullptr);
  EXPECT_TRUE(arena.give(first));
  EXPECT_NE(arena.take(8 * kMegabyte), nullptr);
}

TEST(BlockArena, AddressesOfOthersAreNotTaken) {
  BlockArena arena(8 * kMegabyte);
  int others = 0;
  auto* const ours = static_cast<std::byte*>(arena.take(1000));
  EXPECT_FALSE(arena.give(&others));
  EXPECT_FALSE(arena.give(ours + 64));
  EXPECT_TRUE(arena.give(ours));
  EXPECT_FALSE(arena.give(ours));
}

TEST(BlockArena, ThreadsShareIt) {
  BlockArena arena(256 * kMegabyte);
  const auto work = [&arena](unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 2000; ++i) {
      const Taken taken{static_cast<unsigned char*>(arena.take(64 + random() % 20000)), 64,
                        static_cast<unsigned char>(seed)};
      std::memset(taken.at, taken.mark, taken.size);
      EXPECT_TRUE(holds_its_mark(taken));
      EXPECT_TRUE(arena.give(taken.at));
    }
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) threads.emplace_back(work, seed);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(arena.usage().in_use, 0u);
}

}  // namespace
}  // namespace mezzotint
