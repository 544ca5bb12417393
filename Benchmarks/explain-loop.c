/* The rival of the advisor's planning calls: asks a server the same EXPLAINs in a bare libpq loop.
 *
 *   explain-loop URL TRACE [CONNECTIONS [DEPTH]]
 *
 * TRACE is what `pgadvisor advise --trace-planning` wrote: one JSON object a line with "indexes" (CREATE INDEX
 * statements), "sql", and optionally "parameters" (strings or null) and "search_path" (strings). For each line it
 * makes those hypothetical indexes, unless the line before had the same, and plans the statement, in text, of which it
 * reads the first line. With DEPTH 1 (the default) each is one PQexecParams, else DEPTH lines go in one pipeline; several
 * CONNECTIONS take lines by turns, DEPTH or 16 at once. Prints: plans, seconds (TRACE is read before the clock starts),
 * sum of the plans' total costs, seconds without connecting.
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct line {
  char *indexes; /* as a PostgreSQL array literal */
  char *path;    /* as search_path wants it; NULL: the session's own */
  char *explain; /* EXPLAIN and the statement */
  int parameter_count;
  char **parameters;
};

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "explain-loop: %s: %s\n", what, detail);
  exit(1);
}

static void *grow(void *block, size_t size) {
  block = realloc(block, size);
  if (!block) fail("memory", "out of it");
  return block;
}

struct text {
  char *bytes;
  size_t length, room;
};

static void add(struct text *t, const char *bytes, size_t count) {
  if (t->length + count + 1 > t->room) t->bytes = grow(t->bytes, t->room = 2 * (t->length + count + 1));
  memcpy(t->bytes + t->length, bytes, count);
  t->length += count;
  t->bytes[t->length] = 0;
}

/* --- The JSON that our own trace is made of ------------------------------------------------------------- */

static const char *skip(const char *p) {
  while (*p == ' ' || *p == '\t') p++;
  return p;
}

static void add_code_point(struct text *t, unsigned c) {
  char b[4];
  if (c < 0x80) {
    b[0] = (char)c;
    add(t, b, 1);
  } else if (c < 0x800) {
    b[0] = (char)(0xc0 | c >> 6), b[1] = (char)(0x80 | (c & 63));
    add(t, b, 2);
  } else if (c < 0x10000) {
    b[0] = (char)(0xe0 | c >> 12), b[1] = (char)(0x80 | (c >> 6 & 63)), b[2] = (char)(0x80 | (c & 63));
    add(t, b, 3);
  } else {
    b[0] = (char)(0xf0 | c >> 18), b[1] = (char)(0x80 | (c >> 12 & 63)), b[2] = (char)(0x80 | (c >> 6 & 63)),
    b[3] = (char)(0x80 | (c & 63));
    add(t, b, 4);
  }
}

static unsigned hexadecimal(const char *p) {
  char digits[5] = {0};
  memcpy(digits, p, 4);
  return (unsigned)strtoul(digits, NULL, 16);
}

/* Reads the string that begins at p; returns what follows it. */
static const char *read_string(const char *p, struct text *into) {
  if (*p++ != '"') fail("trace", "a string was expected");
  add(into, "", 0);
  while (*p != '"') {
    if (!*p) fail("trace", "a string does not end");
    if (*p != '\\') {
      add(into, p++, 1);
      continue;
    }
    const char *named = "nrtbf", *values = "\n\r\t\b\f", *found = strchr(named, p[1]);
    if (p[1] == 'u') {
      unsigned c = hexadecimal(p + 2);
      p += 6;
      if (c >= 0xd800 && c < 0xdc00 && p[0] == '\\' && p[1] == 'u') {
        c = 0x10000 + ((c - 0xd800) << 10) + (hexadecimal(p + 2) - 0xdc00);
        p += 6;
      }
      add_code_point(into, c);
    } else {
      add(into, found ? values + (found - named) : p + 1, 1);
      p += 2;
    }
  }
  return p + 1;
}

/* Calls `use` with each element of the array that begins at p, NULL for null; returns what follows it. */
static const char *read_array(const char *p, void (*use)(const char *, void *), void *context) {
  if (*p++ != '[') fail("trace", "an array was expected");
  for (p = skip(p); *p != ']'; p = skip(p)) {
    struct text element = {0};
    if (strncmp(p, "null", 4) == 0) {
      use(NULL, context);
      p += 4;
    } else {
      p = read_string(p, &element);
      use(element.bytes, context);
      free(element.bytes);
    }
    p = skip(p);
    if (*p == ',') p++;
    else if (*p != ']') fail("trace", "an array does not end");
  }
  return p + 1;
}

/* --- A line of the trace -------------------------------------------------------------------------------- */

/* Both an array literal's element and a quoted identifier: between quotes, what is special escaped. */
static void add_index(const char *definition, void *context) {
  struct text *t = context;
  add(t, t->length ? ",\"" : "\"", t->length ? 2 : 1);
  for (; *definition; definition++) {
    if (*definition == '"' || *definition == '\\') add(t, "\\", 1);
    add(t, definition, 1);
  }
  add(t, "\"", 1);
}

static void add_schema(const char *name, void *context) {
  struct text *t = context;
  add(t, t->length ? ",\"" : "\"", t->length ? 2 : 1);
  for (; *name; name++) add(t, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
  add(t, "\"", 1);
}

static void add_parameter(const char *value, void *context) {
  struct line *l = context;
  l->parameters = grow(l->parameters, sizeof(char *) * (size_t)(l->parameter_count + 1));
  l->parameters[l->parameter_count++] = value ? strdup(value) : NULL;
}

static struct line read_line(const char *p) {
  struct line l = {0};
  struct text indexes = {0}, path = {0}, sql = {0};
  add(&indexes, "", 0);
  add(&path, "", 0);
  add(&sql, "EXPLAIN ", 8);
  if (*p++ != '{') fail("trace", "an object was expected");
  for (p = skip(p); *p && *p != '}'; p = skip(p)) {
    struct text key = {0};
    p = skip(read_string(p, &key));
    if (*p != ':') fail("trace", "a value was expected");
    p = skip(p + 1);
    if (strcmp(key.bytes, "indexes") == 0) p = read_array(p, add_index, &indexes);
    else if (strcmp(key.bytes, "search_path") == 0) p = read_array(p, add_schema, &path);
    else if (strcmp(key.bytes, "parameters") == 0) p = read_array(p, add_parameter, &l);
    else if (strcmp(key.bytes, "sql") == 0) p = read_string(p, &sql);
    else fail("trace, unknown key", key.bytes);
    free(key.bytes);
    p = skip(p);
    if (*p == ',') p = skip(p + 1);
  }
  struct text literal = {0};
  add(&literal, "{", 1);
  add(&literal, indexes.bytes, indexes.length);
  add(&literal, "}", 1);
  free(indexes.bytes);
  l.indexes = literal.bytes;
  l.path = path.length ? path.bytes : NULL;
  l.explain = sql.bytes;
  return l;
}

static struct line *read_trace(const char *name, size_t *count) {
  FILE *file = fopen(name, "r");
  struct line *lines = NULL;
  char *bytes = NULL;
  size_t room = 0;
  if (!file) fail("cannot read", name);
  for (*count = 0; getline(&bytes, &room, file) > 0;) {
    /* Our own summary, at the end. */
    if (strncmp(bytes, "{\"plans\"", 8) == 0) continue;
    lines = grow(lines, sizeof(struct line) * (*count + 1));
    lines[(*count)++] = read_line(bytes);
  }
  free(bytes);
  fclose(file);
  return lines;
}

/* --- The loop ------------------------------------------------------------------------------------------- */

static struct line *lines;
static size_t line_count, depth = 1;
static atomic_size_t next_line;

/* What one connection does, and what it found. */
struct asker {
  PGconn *connection;
  const char *indexes, *path; /* as they stand on the server */
  double cost;
  int waiting; /* answers of the pipeline that is on its way */
  pthread_t thread;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_answer(struct asker *a, PGresult *r) {
  ExecStatusType status = PQresultStatus(r);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail("asking", PQerrorMessage(a->connection));
  if (status == PGRES_TUPLES_OK && PQntuples(r) > 0 && PQfnumber(r, "QUERY PLAN") == 0) {
    const char *total = strstr(PQgetvalue(r, 0, 0), "(cost=");
    if (total) total = strstr(total, "..");
    if (total) a->cost += strtod(total + 2, NULL);
  }
  PQclear(r);
}

static void ask(struct asker *a, const char *sql, int count, char *const *values) {
  const char *const *bound = (const char *const *)values;
  if (depth == 1) return read_answer(a, PQexecParams(a->connection, sql, count, NULL, bound, NULL, NULL, 0));
  if (!PQsendQueryParams(a->connection, sql, count, NULL, bound, NULL, NULL, 0)) fail(sql, PQerrorMessage(a->connection));
  a->waiting++;
}

static void tell(struct asker *a, const char *sql, char *value) { ask(a, sql, value ? 1 : 0, &value); }

/* Reads what was asked in a pipeline. */
static void finish(struct asker *a) {
  if (depth == 1) return;
  if (!PQpipelineSync(a->connection)) fail("sync", PQerrorMessage(a->connection));
  for (; a->waiting > 0; a->waiting--) {
    PGresult *r = PQgetResult(a->connection);
    read_answer(a, r);
    if (PQgetResult(a->connection)) fail("asking", "one result was expected");
  }
  PQclear(PQgetResult(a->connection));
}

static void *run(void *context) {
  struct asker *a = context;
  size_t step = depth == 1 ? 16 : depth;
  tell(a, "BEGIN READ ONLY", NULL);
  /* As the advisor does: compiling costs more than planning. */
  tell(a, "SET LOCAL jit = off", NULL);
  for (;;) {
    size_t first = atomic_fetch_add(&next_line, step);
    if (first >= line_count) break;
    for (size_t i = first; i < first + step && i < line_count; i++) {
      struct line *l = &lines[i];
      if (strcmp(a->indexes, l->indexes) != 0) {
        tell(a, "SELECT hypopg_reset()", NULL);
        tell(a, "SELECT count(*) FROM unnest($1::text[]) AS d, hypopg_create_index(d)", l->indexes);
        a->indexes = l->indexes;
      }
      if (l->path && (!a->path || strcmp(a->path, l->path) != 0)) {
        tell(a, "SELECT set_config('search_path', $1, true)", l->path);
        a->path = l->path;
      }
      ask(a, l->explain, l->parameter_count, l->parameters);
    }
    finish(a);
  }
  tell(a, "SELECT hypopg_reset()", NULL);
  tell(a, "ROLLBACK", NULL);
  finish(a);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 5) {
    fputs("usage: explain-loop URL TRACE [CONNECTIONS [DEPTH]]\n", stderr);
    return 64;
  }
  int connections = argc > 3 ? atoi(argv[3]) : 1;
  if (argc > 4) depth = (size_t)atoi(argv[4]);
  if (connections < 1 || connections > 64 || depth < 1 || depth > 256) fail("usage", "1 to 64 connections, depth 1 to 256");
  lines = read_trace(argv[2], &line_count);
  struct asker askers[64];
  double began = now(), cost = 0;
  for (int i = 0; i < connections; i++) {
    askers[i] = (struct asker){.connection = PQconnectdb(argv[1]), .indexes = "{}"};
    PGconn *c = askers[i].connection;
    if (PQstatus(c) != CONNECTION_OK) fail("no connection", PQerrorMessage(c));
    if (depth > 1 && !PQenterPipelineMode(c)) fail("pipeline", PQerrorMessage(c));
  }
  double connected = now();
  for (int i = 1; i < connections; i++)
    if (pthread_create(&askers[i].thread, NULL, run, &askers[i]) != 0) fail("thread", "none to be had");
  run(&askers[0]);
  cost = askers[0].cost;
  for (int i = 1; i < connections; i++) {
    pthread_join(askers[i].thread, NULL);
    cost += askers[i].cost;
  }
  double ended = now();
  for (int i = 0; i < connections; i++) PQfinish(askers[i].connection);
  printf("%zu %.6f %.2f %.6f\n", line_count, ended - began, cost, ended - connected);
  return 0;
}
