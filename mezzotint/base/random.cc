#include "mezzotint/base/random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randperm.h>

namespace mezzotint {

RandomStream::RandomStream(uint64_t seed) : generator_(at::detail::createCPUGenerator(seed)) {}

Tensor RandomStream::randn(IntArrayRef sizes) { return at::randn(sizes, generator_); }

Tensor RandomStream::rand(IntArrayRef sizes) { return at::rand(sizes, generator_); }

Tensor RandomStream::randint(int64_t low, int64_t high, IntArrayRef sizes) {
  return at::randint(low, high, sizes, generator_, at::TensorOptions().dtype(at::kLong));
}

Tensor RandomStream::randperm(int64_t n) {
  return at::randperm(n, generator_, at::TensorOptions().dtype(at::kLong));
}

Tensor RandomStream::state() const { return generator_.get_state(); }

void RandomStream::set_state(const Tensor& state) { generator_.set_state(state); }

uint64_t stream_seed(uint64_t seed, std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  uint64_t z = seed + hash + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace mezzotint
