# What our longer scripts share: steps that are timed, long commands a signal can end, one clean-up.
# Sourced by bash 3.2 or newer (macOS ships 3.2). The sourcing script calls `guard` first and may
# define `clean_up STATUS`, which runs once, on every way out.

line_is_open=no
job=''  # process id of the long command that runs now; `starting` for the moment before it is known

now_ms() {
  if [ -n "${EPOCHREALTIME:-}" ]; then
    local now=${EPOCHREALTIME/[.,]/}
    echo "${now%???}"
  else
    echo "$(date +%s)000"
  fi
}

# seconds_since MILLISECONDS: "3.4 s"
seconds_since() {
  local passed=$(($(now_ms) - $1))
  printf '%d.%d s' $((passed / 1000)) $((passed % 1000 / 100))
}

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Every process: its id, its parent's, its state. Small Debian images have no ps, macOS has no /proc.
processes() {
  if [ -r /proc/self/stat ]; then
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed -n -E 's/^([0-9]+) \(.*\) (.) ([0-9]+) .*/\1 \3 \2/p'
  else
    ps -A -o pid= -o ppid= -o stat=
  fi
}

# with_descendants PID: the process and all below it. Read before a signal is sent: what loses its
# parent afterwards can no longer be found. (swift-build puts each compiler in a group of its own,
# so a signal to one process group would not reach them.)
with_descendants() {
  processes | awk -v root="$1" '
    { parent[$1] = $2 }
    END {
      for (pid in parent) {
        for (p = pid; p > 1 && p != root; p = parent[p]) {}
        if (p == root) print pid
      }
    }'
}

# any_runs PID…: whether one of them is there and more than a zombie.
any_runs() {
  processes | awk -v wanted="$*" '
    BEGIN { split(wanted, list, /[ \n]+/); for (i in list) is_wanted[list[i]] = 1 }
    $1 in is_wanted && $3 !~ /^Z/ { found = 1 }
    END { exit !found }'
}

# end_tree PID: interrupts the process and all it started; terminates, then kills, what does not go.
end_tree() {
  local pids signal tries
  pids=$(with_descendants "$1")
  for signal in INT TERM KILL; do
    # shellcheck disable=SC2086  # a list of process ids
    kill -"$signal" $pids 2>/dev/null
    for ((tries = 0; tries < 30; tries++)); do
      # shellcheck disable=SC2086
      any_runs $pids || return 0
      sleep 0.1
    done
  done
}

# run COMMAND…: runs it so that a signal to this script ends it at once. Bash runs a trap only after
# a foreground command has ended, hence the background job and `wait`; the job has a process group of
# its own (set -m), or it would start with SIGINT ignored and could not be interrupted.
run() {
  local status=0
  job=starting
  set -m
  "$@" </dev/null 9>&- &
  job=$!
  set +m
  wait "$job" || status=$?
  job=''
  return "$status"
}

# step TEXT COMMAND…: runs it, its output kept back and shown only when it fails, one timed line.
step() {
  local text=$1 began log status=0
  shift
  began=$(now_ms)
  log=$(mktemp "${workspace:?}/step.XXXXXX")
  printf '%s … ' "$text" >&2
  line_is_open=yes
  run "$@" >"$log" 2>&1 || status=$?
  line_is_open=no
  if [ "$status" -ne 0 ]; then
    printf 'failed (%s)\n' "$(seconds_since "$began")" >&2
    cat "$log" >&2
    exit 1
  fi
  printf '%s\n' "$(seconds_since "$began")" >&2
}

# Descriptor 9 is our standard error: a trap that fires inside `step` would write into the step's log.
guard() {
  exec 9>&2
  trap 'leave $?' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 131' QUIT
  trap 'exit 141' PIPE
  trap 'exit 143' TERM
}

leave() {
  trap '' HUP INT QUIT PIPE TERM  # cleaning up is not interrupted by a second Ctrl-C
  trap - EXIT
  set +e
  exec 2>&9 9>&-
  if [ "$line_is_open" = yes ]; then echo 'ended by a signal' >&2; fi
  if [ "$job" = starting ]; then job=${!:-}; fi
  if [ -n "$job" ]; then
    end_tree "$job" 2>/dev/null
    wait "$job" 2>/dev/null
  fi
  if declare -F clean_up >/dev/null; then clean_up "$1"; fi
  exit "$1"
}
