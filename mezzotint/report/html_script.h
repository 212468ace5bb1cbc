#pragma once

#include <string_view>

namespace mezzotint {

/// What a page does by itself: timelines get their slider, and the page of something that is still
/// running loads itself anew. Where the reader was (how far down, which picture) is kept over that
/// in sessionStorage; where there is none, it is forgotten.
inline constexpr std::string_view kReportScript = R"js(
'use strict';
const kept = {
  name: key => location.pathname + '#' + key,
  get(key) { try { return sessionStorage.getItem(this.name(key)); } catch (none) { return null; } },
  set(key, value) { try { sessionStorage.setItem(this.name(key), value); } catch (none) {} },
};

function makePlayer(timeline, index) {
  const frames = [...timeline.querySelectorAll('.frame')];
  const [bar, slider, button, label] =
    ['.bar', 'input', 'button', 'output'].map(part => timeline.querySelector(part));
  if (frames.length < 2) return null;
  const last = frames.length - 1;
  let at = last, timer = 0;

  const show = place => {
    at = Math.min(last, Math.max(0, place));
    frames.forEach((frame, i) => { frame.hidden = i !== at; });
    const caption = frames[at].querySelector('figcaption').textContent;
    slider.value = at;
    slider.setAttribute('aria-valuetext', caption);
    label.textContent = caption;
    kept.set('frame' + index, at === last ? 'last' : frames[at].dataset.at);
  };
  const play = on => {
    clearInterval(timer);
    timer = on ? setInterval(() => show(at === last ? 0 : at + 1), frames.length > 15 ? 250 : 500) : 0;
    button.textContent = on ? 'Pause' : 'Play';
    kept.set('play' + index, on ? 'yes' : 'no');
  };

  timeline.classList.add('player');
  bar.hidden = false;
  slider.max = last;
  slider.addEventListener('input', () => { play(false); show(Number(slider.value)); });
  button.addEventListener('click', () => play(!timer));
  const before = kept.get('frame' + index);
  const found = frames.findIndex(frame => frame.dataset.at === before);
  show(found < 0 ? last : found);
  if (kept.get('play' + index) === 'yes') play(true);
  return { step(by) { play(false); show(at + by); } };
}

const players = [...document.querySelectorAll('.timeline')].map(makePlayer).filter(player => player);
document.addEventListener('keydown', event => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const elsewhere = event.target.closest && event.target.closest('input, .shifted, pre, .table');
  if (!step || !players.length || elsewhere || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  players[0].step(step);
});

const state = document.querySelector('.state');
const refresh = state ? Number(state.dataset.refresh) : 0;
if (refresh > 0) {
  const silent = Date.now() / 1000 - Number(state.dataset.changed);
  const note = document.querySelector('.silent');
  if (silent > Math.max(300, 5 * refresh)) {
    note.textContent = 'Nothing new for ' + Math.round(silent / 60) +
      ' minutes: a step may take long, or the run has been killed.';
    note.hidden = false;
  }
  history.scrollRestoration = 'manual';
  addEventListener('load', () => scrollTo(0, Number(kept.get('scroll') || 0)));
  addEventListener('pagehide', () => kept.set('scroll', scrollY));
  setTimeout(() => location.reload(), refresh * 1000);
}
)js";

}  // namespace mezzotint
