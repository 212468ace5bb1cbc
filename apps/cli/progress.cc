
#include "apps/cli/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include <unistd.h>

#include "mezzotint/base/counted.h"

#include "apps/cli/terminal.h"

namespace mezzotint::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kPlainLine = std::chrono::seconds(10);
constexpr size_t kBarWidth = 24;

size_t line_width() {
  const size_t width = terminal_width(STDERR_FILENO).value_or(80);
  return (width > 20 ? width : 80) - 1;
}

template <class... Args>
std::string printed(const char* format, Args... args) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, args...);
  return buffer;
}

/// "2.4 steps/s" or, below one a second, "3.1 s/step".
std::string rate_text(double per_second, const std::string& unit) {
  if (per_second >= 1)
    return printed(per_second < 10 ? "%.2f " : "%.1f ", per_second) + unit + "s/s";
  return printed("%.2f s/", 1 / per_second) + unit;
}

double rate(const ProgressState& state) {
  return state.seconds > 0 ? static_cast<double>(state.done - state.start) / state.seconds : 0;
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds > 0 && seconds < 0.1)
    return printed(seconds < 0.01 ? "%.1f ms" : "%.0f ms", 1000 * seconds);
  if (seconds < 60) return printed(seconds < 10 ? "%.1f s" : "%.0f s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return printed("%ld:%02ld", whole / 60, whole % 60);
  return printed("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string progress_line(const ProgressState& state, size_t width) {
  std::string text = state.label + " ";
  if (width > 0) {
    const size_t full =
        state.total > 0 ? std::min(kBarWidth, kBarWidth * state.done / state.total) : 0;
    text += "[" + std::string(full, '#') + std::string(kBarWidth - full, '-') + "] ";
  }
  text += std::to_string(state.done) + "/" + std::to_string(state.total);
  if (const double per_second = rate(state); per_second > 0) {
    text += ", " + rate_text(per_second, state.unit);
    text +=
        ", " + duration_text(static_cast<double>(state.total - state.done) / per_second) + " left";
  }
  if (!state.note.empty()) text += ", " + state.note;
  if (width > 0 && text.size() > width) text.resize(width);
  return text;
}

Progress::Progress(const Console& console, std::string label, size_t total, std::string unit,
                   size_t start)
    : console_(console),
      state_{.label = std::move(label),
             .unit = std::move(unit),
             .done = start,
             .total = total,
             .start = start},
      terminal_(stderr_is_terminal()),
      begin_(Clock::now()),
      shown_(begin_) {
  if (terminal_ && !console_.quiet()) Console::draw(progress_line(state_, line_width()));
}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void Progress::update(size_t done, const std::string& note) {
  state_.done = done;
  state_.note = note;
  const auto now = Clock::now();
  const bool last = done == state_.total;
  if (console_.quiet() ||
      now - shown_ < (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kPlainLine)))
    if (!(terminal_ && last && !console_.quiet())) return;
  shown_ = now;
  state_.seconds = seconds();
  if (terminal_)
    Console::draw(progress_line(state_, line_width()));
  else if (!last)
    console_.say(progress_line(state_, 0));
}

void Progress::finish() {
  clear();
  state_.seconds = seconds();
  const size_t done = state_.done - state_.start;
  std::string text = state_.label + ": " + counted(done, state_.unit.c_str()) + " in " +
                     duration_text(state_.seconds);
  if (const double per_second = rate(state_); per_second > 0)
    text += " (" + rate_text(per_second, state_.unit) + ")";
  console_.say(text);
}

void Progress::clear() {
  if (terminal_) Console::draw("");
}

}  // namespace mezzotint::cli
