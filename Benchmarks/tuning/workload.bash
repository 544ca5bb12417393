# The TPC workloads for benchmarks: generated once, kept in $XDG_CACHE_HOME/pgadvisor, loaded into a database.
# Sourced after Scripts/steps.bash, with `root`, `programs` and `url` set by the time of loading.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/pgadvisor

in_database() { "$programs/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$url" "$@"; }

# python_with PACKAGE…: a virtual environment that has them.
python_with() {
  mkdir -p "$cache"
  [ -x "$cache/venv/bin/python3" ] || python3 -m venv "$cache/venv"
  "$cache/venv/bin/python3" -m pip install -q --disable-pip-version-check "$@"
}

# generate KIND SCALE: into $data.
generate() {
  python_with duckdb==1.1.3
  rm -rf "$data.part"
  "$cache/venv/bin/python3" "$root/Benchmarks/tuning/generate.py" "$1" "$2" "$data.part"
  mv "$data.part" "$data"
}

# load KIND: tables, HypoPG, data, statistics; no keys and no indexes. `scale` is for what the schema makes itself.
load() {
  in_database -v scale="${scale:-1}" -f "$root/Benchmarks/$1/schema.sql" -c 'CREATE EXTENSION hypopg'
  local file table
  shopt -s nullglob
  for file in "$data"/*.csv; do
    table=$(basename "$file" .csv)
    in_database -c "\\copy $table FROM '$file' WITH (FORMAT csv, DELIMITER '|', NULL '')"
  done
  in_database -c 'SELECT setseed(0.17)' -c 'VACUUM (FREEZE, ANALYZE)' >/dev/null
}

heap_bytes() {
  in_database -c "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace NOT IN
    (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%' OR nspname = 'information_schema')"
}

# compile_loop: the bare libpq loop, into $workspace.
compile_loop() {
  local compiler flags=()
  compiler=$(command -v cc || command -v clang) || die 'no C compiler (cc or clang) for explain-loop.c'
  read -r -a flags <<<"$(pkg-config --cflags --libs libpq)"
  "$compiler" -std=gnu11 -O2 -Wall -Wextra -pthread -o "$workspace/explain-loop" "$root/Benchmarks/explain-loop.c" \
    "${flags[@]}"
}
