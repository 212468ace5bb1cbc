#include "mezzotint/report/live_report.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <exception>

#include "mezzotint/io/files.h"
#include "mezzotint/report/html.h"
#include "mezzotint/report/run_curves.h"

namespace mezzotint {

namespace fs = std::filesystem;

LiveReport::LiveReport(fs::path run, RunConfig config, RunSession session, const Position& start,
                       Warn warn)
    : run_(std::move(run)),
      view_{std::move(config), {}, std::move(session), {}},
      warn_(std::move(warn)) {
  view_.session->state = "running";
  view_.session->update = start.update;
  view_.session->images = start.images;
  guarded([this] { read_past(); });
  write_page();
}

double LiveReport::now() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

void LiveReport::read_past() {
  view_.history.read(run_ / "metrics.jsonl");
  if (const BadLines& bad = view_.history.bad_lines(); bad.count > 0 && warn_)
    warn_("the page of the run: " + passed_over(run_ / "metrics.jsonl", bad));
  if (view_.history.position().micro_batch == 0) return;  // it begins, or begins anew
  if (const auto past = read_run_session(run_)) seconds_before_ = past->seconds;
  view_.film_strip = film_strip_png(run_, view_);
}

void LiveReport::guarded(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    if (warned_ != error.what() && warn_)
      warn_(std::string("the page of the run: ") + error.what());
    warned_ = error.what();
  }
}

void LiveReport::log(const Record& record) {
  view_.history.add(record);
  view_.session->update = record.at.update;
  view_.session->images = record.at.images;
  new_grid_ = new_grid_ || record.image();
  new_curves_ = new_curves_ || record.image();
  event_ = event_ || record.image() || record.name == "checkpoint";
  if (record.name == "loss" && first_at_ < 0) {
    first_at_ = now();
    first_update_ = record.at.update;
  }
  if (pace_.due(now(), event_)) write_page();
  if (curves_pace_.due(now(), new_curves_)) write_curves();
}

/// Samples and checkpoints on the way count as part of what an update takes.
void LiveReport::estimate() {
  RunSession& session = *view_.session;
  const int64_t made = session.update - first_update_;
  session.seconds = seconds_before_ + now();
  session.seconds_left = -1;
  if (first_at_ >= 0 && made > 0)
    session.seconds_left =
        (now() - first_at_) / static_cast<double>(made) *
        static_cast<double>(std::max<int64_t>(0, session.updates - session.update));
  session.changed = std::time(nullptr);
}

void LiveReport::write_page() {
  const double began = now();
  estimate();
  guarded([&] {
    if (new_grid_) {
      view_.film_strip = film_strip_png(run_, view_);
      write_film_strip(run_, view_);
    }
    write_run_session(run_, *view_.session);
    const auto refresh = static_cast<int>(std::lround(std::min(pace_.pause(now()), 600.0)));
    write_file_atomic(run_ / "report.html", render_html(run_report(run_, view_, refresh)));
  });
  event_ = new_grid_ = false;
  pace_.wrote(began, now());
}

void LiveReport::write_curves() {
  const double began = now();
  guarded([this] { write_run_curves(run_, view_.history); });
  new_curves_ = false;
  curves_pace_.wrote(began, now());
}

void LiveReport::finish() {
  finished_ = true;
  new_grid_ = true;
  write_curves();
  if (view_.session->update >= view_.session->updates)
    guarded([this] { write_timeline_animation(run_, view_); });
  write_page();
}

void LiveReport::end(const std::string& state, const std::string& message) {
  view_.session->state = state;
  view_.session->message = message;
  if (!finished_) write_curves();
  write_page();
}

}  // namespace mezzotint
