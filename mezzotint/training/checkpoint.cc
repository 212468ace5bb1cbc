#include "mezzotint/training/checkpoint.h"

#include <algorithm>
#include <cstdio>

#include "mezzotint/base/counted.h"
#include "mezzotint/base/fields.h"
#include "mezzotint/io/files.h"
#include "mezzotint/io/safetensors.h"
#include "mezzotint/training/file_checksum.h"
#include "mezzotint/training/weights_copy.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 3;
constexpr const char* kManifest = "manifest.json";
constexpr const char* kCounters = "state.json";

Weights detached(const Weights& weights) {
  Weights plain;
  for (const auto& [key, tensor] : weights) plain.set(key, tensor.detach());
  return plain;
}

/// Gradients of the micro-batches of an update that isn't done yet; empty between updates.
Weights gradients(const Weights& parameters) {
  Weights all;
  for (const auto& [key, parameter] : parameters)
    if (parameter.grad().defined()) all.set(key, parameter.grad().detach());
  return all;
}

nlohmann::json counters(const TrainState& state) {
  return {{"format", kFormat},
          {"position", to_json(state.position)},
          {"pending", state.pending},
          {"validated_at", state.validated_at},
          {"lr_scale", state.lr_scale},
          {"skipped_in_a_row", state.skipped_in_a_row},
          {"epoch_loss_sum", state.epoch_loss_sum},
          {"epoch_losses_left_out", state.epoch_losses_left_out},
          {"epoch_losses", state.epoch_losses},
          {"ema_updates", state.ema ? state.ema->updates() : 0},
          {"seconds", state.seconds}};
}

std::string checkpoint_name(const TrainState& state) {
  const std::string name = update_name(state.position.update);
  return state.pending ? concat(name, "+", state.pending) : name;
}

void write_manifest(const fs::path& folder) {
  nlohmann::json files = nlohmann::json::object();
  for (const auto& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename().string()] = {{"bytes", entry.file_size()},
                                               {"crc32", file_crc32(entry.path())}};
  }
  write_json(folder / kManifest, {{"format", kFormat}, {"files", files}});
}

void write_state(const fs::path& folder, const TrainState& state) {
  write_safetensors(folder / "model.safetensors", detached(state.parameters));
  write_safetensors(folder / "optimizer.safetensors", state.optimizer.state());
  if (state.ema) write_safetensors(folder / "ema.safetensors", state.ema->average());
  if (const Weights pending = gradients(state.parameters); !pending.empty())
    write_safetensors(folder / "gradients.safetensors", pending);
  Weights streams;
  for (const auto& [name, stream] : state.streams) streams.set(name, stream.state());
  write_safetensors(folder / "random.safetensors", streams);
  if (!state.learner.empty()) write_safetensors(folder / "learner.safetensors", state.learner);
  write_json(folder / kCounters, counters(state));
  write_manifest(folder);
}

/// Update and pending micro-batches, by the checkpoint's name.
std::pair<int64_t, int64_t> stands_at(const fs::path& checkpoint) {
  long long update = -1, pending = 0;
  std::sscanf(checkpoint.filename().c_str(), "update-%lld+%lld", &update, &pending);
  return {update, pending};
}

/// Removes those after `newest`, which are of a future that won't be, and all but `keep` up to it.
void prune(const fs::path& newest, int64_t keep) {
  int64_t kept = 0;
  for (const fs::path& path : checkpoints_in(newest.parent_path()))
    if (stands_at(path) > stands_at(newest) || ++kept > keep) fs::remove_all(path);
}

std::string damage(const fs::path& checkpoint) {
  const fs::path manifest_path = checkpoint / kManifest;
  if (!fs::exists(manifest_path)) return concat(checkpoint.string(), ": has no ", kManifest);
  const nlohmann::json manifest = read_json(manifest_path);
  if (manifest.value("format", 0) != kFormat)
    return concat(manifest_path.string(), ": format ", manifest.value("format", 0), ", wanted ",
                  kFormat);
  for (const auto& [name, wanted] : manifest.at("files").items()) {
    const fs::path path = checkpoint / name;
    if (!fs::exists(path)) return concat(path.string(), ": is missing");
    if (fs::file_size(path) != wanted.at("bytes").get<uintmax_t>())
      return concat(path.string(), ": is ", counted(fs::file_size(path), "byte"), ", wanted ",
                    wanted.at("bytes"));
    if (file_crc32(path) != wanted.at("crc32").get<uint32_t>())
      return concat(path.string(), ": checksum differs from the manifest's");
  }
  return "";
}

}  // namespace

std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (stands_at(entry.path()).first >= 0) found.push_back(entry.path());
  std::ranges::sort(found, std::greater{}, stands_at);
  return found;
}

std::string checkpoint_damage(const fs::path& checkpoint) {
  try {
    return damage(checkpoint);
  } catch (const std::exception& error) {  // unreadable files and malformed manifests alike
    return error.what();
  }
}

fs::path save_checkpoint(const fs::path& folder, const TrainState& state, int64_t keep) {
  const fs::path path = folder / checkpoint_name(state);
  write_folder_atomic(path, [&](const fs::path& scratch) { write_state(scratch, state); });
  const std::string wrong = checkpoint_damage(path);
  MEZZO_CHECK(wrong.empty(), "checkpoint doesn't read back: ", wrong,
              "; older checkpoints are kept");
  prune(path, keep);
  return path;
}

Position checkpoint_position(const fs::path& checkpoint) {
  const fs::path file = checkpoint / kCounters;
  Position position;
  value_from_json(position, read_json(file).at("position"), file.string());
  return position;
}

void load_checkpoint(const fs::path& checkpoint, TrainState& state) {
  const std::string where = (checkpoint / kCounters).string();
  const nlohmann::json json = read_json(checkpoint / kCounters);
  value_from_json(state.position, json.at("position"), where);
  value_from_json(state.pending, json.at("pending"), where);
  value_from_json(state.validated_at, json.at("validated_at"), where);
  value_from_json(state.lr_scale, json.at("lr_scale"), where);
  value_from_json(state.skipped_in_a_row, json.at("skipped_in_a_row"), where);
  value_from_json(state.epoch_losses_left_out, json.at("epoch_losses_left_out"), where);
  value_from_json(state.epoch_loss_sum, json.at("epoch_loss_sum"), where);
  value_from_json(state.epoch_losses, json.at("epoch_losses"), where);
  value_from_json(state.seconds, json.at("seconds"), where);
  const auto read = [&](const char* name) { return read_safetensors(checkpoint / name).weights; };
  copy_weights(read("model.safetensors"), state.parameters, "model");
  state.optimizer.restore(read("optimizer.safetensors"));
  if (state.ema) state.ema->restore(read("ema.safetensors"), json.at("ema_updates").get<int64_t>());
  if (!state.learner.empty()) copy_weights(read("learner.safetensors"), state.learner, "learner");
  const Weights streams = read("random.safetensors");
  for (auto& [name, stream] : state.streams) stream.set_state(streams.at(name).clone());
  if (!fs::exists(checkpoint / "gradients.safetensors")) return;
  for (const auto& [key, gradient] : read("gradients.safetensors")) {
    const Tensor& parameter = state.parameters.at(key);
    parameter.mutable_grad() =
        parameter.detach().clone().copy_(gradient);  // in the parameter's layout
  }
}

std::optional<fs::path> latest_checkpoint(const fs::path& folder,
                                          std::vector<std::string>& warnings) {
  for (const fs::path& path : checkpoints_in(folder)) {
    const std::string wrong = checkpoint_damage(path);
    if (wrong.empty()) return path;
    warnings.push_back("damaged checkpoint passed over: " + wrong);
  }
  return std::nullopt;
}

}  // namespace mezzotint
