# How the scripts talk: sourced by each of them. Steps, lines below them, and errors that say what to do.
# shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
started=$SECONDS

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\033[1m' red=$'\033[31m' green=$'\033[32m' plain=$'\033[0m'
else
  bold='' red='' green='' plain=''
fi

# step TEXT: what begins now.
step() { printf '%s==> %s%s\n' "$bold" "$*" "$plain" >&2; }

# say TEXT: a line below the step.
say() { printf '    %s\n' "$*" >&2; }

# done_in TEXT: the step's end, with the time since the script began.
done_in() { printf '%s    %s%s (%s)\n' "$green" "$*" "$plain" "$(duration $((SECONDS - started)))" >&2; }

# die TEXT [LINE...]: the error, then what to do about it; exit 1.
die() {
  printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

# usage_error TEXT: a wrong argument; exit 2.
usage_error() {
  printf '%serror:%s %s; see %s --help\n' "$red" "$plain" "$1" "${0##*/}" >&2
  exit 2
}

# duration SECONDS: "42 s" or "3 min 20 s".
duration() {
  if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); fi
}

# indented COMMAND...: runs it with its output set in below the step; its exit status is kept.
indented() { "$@" 2>&1 | sed -u 's/^/    /' >&2; }

# may_ask: whether somebody is there to answer a question.
may_ask() { [[ -t 0 && -t 2 && -z ${CI:-} ]]; }

# megabytes PATH: its size on disk.
megabytes() { du -sLm "$1" | cut -f1; }
