// Times libpg_query's own work: pg_query_parse_protobuf and the release of its result, on whole files.
//
// usage: protobuf FILE…       one line a file: its name, and the median of the microseconds of CPU time a call takes
//        protobuf --major     the major version of the grammar

#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { ROUNDS = 101 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int ascending(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static void parse(const char *text) {
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(text);
  if (result.error) {
    fprintf(stderr, "protobuf: %s\n", result.error->message);
    exit(1);
  }
  pg_query_free_protobuf_parse_result(result);
}

static char *contents(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) {
    perror(path);
    exit(1);
  }
  size_t size = 1 << 20;
  char *text = malloc(size);
  if (!text) exit(1);
  text[fread(text, 1, size - 1, file)] = 0;
  fclose(file);
  return text;
}

int main(int count, char **paths) {
  if (count == 2 && strcmp(paths[1], "--major") == 0) {
    puts(PG_MAJORVERSION);
    return 0;
  }
#ifdef __GLIBC__
  // As the gate does: or a third of the time on a long query would be memory going to the kernel and back.
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
  for (int file = 1; file < count; file++) {
    char *text = contents(paths[file]);
    double start = now();
    int calls = 0;
    do {
      parse(text);
      calls++;
    } while (now() - start < 50000);
    // A round takes some ten milliseconds.
    calls = calls / 5 + 1;
    double took[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      start = now();
      for (int call = 0; call < calls; call++) parse(text);
      took[round] = (now() - start) / calls;
    }
    qsort(took, ROUNDS, sizeof took[0], ascending);
    printf("%s %.2f\n", paths[file], took[ROUNDS / 2]);
    free(text);
  }
}
