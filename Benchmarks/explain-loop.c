/* The rival of the advisor's planning calls: asks a server the same EXPLAINs in a bare libpq loop.
 *
 *   explain-loop URL TRACE
 *
 * TRACE is what `pgadvisor advise --trace-planning` wrote: one JSON object a line with "indexes" (CREATE INDEX
 * statements), "sql", and optionally "parameters" (strings or null) and "search_path" (strings). For each line it
 * makes those hypothetical indexes, unless the line before had the same, and plans the statement, each as one
 * PQexecParams. Prints: plans, seconds (TRACE is read before the clock starts), sum of the plans' total costs.
 */
#include <libpq-fe.h>
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
  add(&sql, "EXPLAIN (FORMAT JSON) ", 22);
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
  for (*count = 0; getline(&bytes, &room, file) > 0; ++*count) {
    lines = grow(lines, sizeof(struct line) * (*count + 1));
    lines[*count] = read_line(bytes);
  }
  free(bytes);
  fclose(file);
  return lines;
}

/* --- The loop ------------------------------------------------------------------------------------------- */

static PGresult *ask(PGconn *c, const char *sql, int count, char *const *values) {
  PGresult *r = PQexecParams(c, sql, count, NULL, (const char *const *)values, NULL, NULL, 0);
  ExecStatusType status = PQresultStatus(r);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(sql, PQerrorMessage(c));
  return r;
}

static void tell(PGconn *c, const char *sql, char *value) { PQclear(ask(c, sql, value ? 1 : 0, &value)); }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fputs("usage: explain-loop URL TRACE\n", stderr);
    return 64;
  }
  size_t count;
  struct line *lines = read_trace(argv[2], &count);
  double began = now(), cost = 0;
  PGconn *c = PQconnectdb(argv[1]);
  if (PQstatus(c) != CONNECTION_OK) fail("no connection", PQerrorMessage(c));
  tell(c, "BEGIN READ ONLY", NULL);
  /* As the advisor does: compiling costs more than planning. */
  tell(c, "SET LOCAL jit = off", NULL);
  const char *indexes = "{}", *path = NULL;
  for (size_t i = 0; i < count; i++) {
    struct line *l = &lines[i];
    if (strcmp(indexes, l->indexes) != 0) {
      tell(c, "SELECT hypopg_reset()", NULL);
      tell(c, "SELECT count(*) FROM unnest($1::text[]) AS d, hypopg_create_index(d)", l->indexes);
      indexes = l->indexes;
    }
    if (l->path && (!path || strcmp(path, l->path) != 0)) {
      tell(c, "SELECT set_config('search_path', $1, true)", l->path);
      path = l->path;
    }
    PGresult *r = ask(c, l->explain, l->parameter_count, l->parameters);
    const char *total = strstr(PQgetvalue(r, 0, 0), "\"Total Cost\": ");
    if (total) cost += strtod(total + strlen("\"Total Cost\": "), NULL);
    PQclear(r);
  }
  tell(c, "SELECT hypopg_reset()", NULL);
  tell(c, "ROLLBACK", NULL);
  PQfinish(c);
  printf("%zu %.6f %.2f\n", count, now() - began, cost);
  return 0;
}
