#include "mezzotint/ops/moments.h"

#include <unordered_map>
#include <utility>

#include <c10/core/StorageImpl.h>

namespace mezzotint::ops {

struct MomentNotes {
  /// A picture is known by its storage, whose address nobody else gets while it is referred to, be
  /// it weakly; its memory is free to go.
  struct Note {
    c10::weak_intrusive_ptr<c10::StorageImpl> storage;
    int64_t numel;
    Tensor moments_b2c;
  };
  std::unordered_map<const c10::StorageImpl*, Note> of;
};

static thread_local MomentNotes* current = nullptr;

MomentsGuard::MomentsGuard()
    : notes_(std::make_unique<MomentNotes>()), before_(std::exchange(current, notes_.get())) {}

MomentsGuard::~MomentsGuard() { current = before_; }

bool moments_wanted() { return current != nullptr; }

void note_moments(const Tensor& x_bchw, const Tensor& moments_b2c) {
  if (!current || !moments_b2c.defined()) return;
  const c10::Storage& storage = x_bchw.storage();
  current->of.insert_or_assign(
      storage.unsafeGetStorageImpl(),
      MomentNotes::Note{storage.getWeakStorageImpl(), x_bchw.numel(), moments_b2c});
}

Tensor noted_moments(const Tensor& x_bchw) {
  if (!current || !x_bchw.has_storage() || x_bchw.storage_offset() != 0) return {};
  const auto found = current->of.find(x_bchw.storage().unsafeGetStorageImpl());
  if (found == current->of.end()) return {};
  const MomentNotes::Note& note = found->second;
  const bool same = note.numel == x_bchw.numel() && note.moments_b2c.size(0) == x_bchw.size(0) &&
                    note.moments_b2c.size(2) == x_bchw.size(1);
  return same ? note.moments_b2c : Tensor();
}

}  // namespace mezzotint::ops
