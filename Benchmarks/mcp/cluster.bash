# What the measurements of the MCP server share: the binary, two cores, a private server with the shop of schema.sql.
# Sourced after Scripts/steps.bash by scripts that have set `here` and `root`.

workspace=''
advisor=''
url=''       # as the login that may only read
programs=''

# Two cores for everything when the machine has more, so that figures mean the same everywhere.
if command -v taskset >/dev/null && [ "$(getconf _NPROCESSORS_ONLN)" -gt 2 ]; then taskset -p -c 0,1 $$ >/dev/null; fi

begin_workspace() {
  guard
  # shellcheck disable=SC2317,SC2329  # the traps call it
  clean_up() {
    [ -n "$workspace" ] || return 0
    if [ -d "$workspace/cluster" ]; then "$root/Scripts/scratch-cluster" stop "$workspace/cluster"; fi
    rm -rf "$workspace"
  }
  workspace=$(mktemp -d "${TMPDIR:-/tmp}/pgadvisor-mcp.XXXXXX")
  chmod 711 "$workspace"  # the server may run as somebody else
}

get_advisor() {
  advisor=${PGADVISOR:-$root/.build/release/pgadvisor}
  if [ -z "${PGADVISOR:-}" ]; then step 'Building pgadvisor' make --no-print-directory -C "$root" release; fi
  [ -x "$advisor" ] || die "$advisor is no program"
}

load_shop() {
  "$programs/psql" -X -q -v ON_ERROR_STOP=1 -d "$1" -f "$here/schema.sql" -c 'VACUUM (FREEZE, ANALYZE)' -c CHECKPOINT
}

begin_cluster() {
  programs=$("$root/Scripts/scratch-cluster" programs)
  step 'Starting a private PostgreSQL' "$root/Scripts/scratch-cluster" start "$workspace/cluster" --set jit=off
  step 'Filling the shop' load_shop "postgresql://postgres@/postgres?host=$workspace/cluster/socket"
  url="postgresql://reader@/postgres?host=$workspace/cluster/socket"
}

load_average() { cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || uptime | sed 's/.*averages*: *//'; }

# The first lines of a result: when, what, where, and how busy it was.
describe_machine() {
  local processor
  processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
  cat <<TEXT
$(date -u +%Y-%m-%d): $("$advisor" --version | head -n 1), $("$programs/postgres" --version), Unix socket,
2 of $(getconf _NPROCESSORS_ONLN) cores of ${processor:-an unnamed processor} for servers, PostgreSQL and clients
together, $(uname -sr), $(python3 --version).
Load average at the start: $(load_average).
TEXT
}
