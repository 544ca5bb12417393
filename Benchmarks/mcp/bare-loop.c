/* The rival of a call over the network: the same statements in a bare libpq loop, on one connection.
 *
 *   bare-loop URL
 *
 * Reads statements from standard input, one a line; at an empty line it runs those read since the last one, each as one
 * PQexecParams, and prints a line for each: its microseconds, its rows, and the last value of its first row, as
 * far as its first line goes. Nothing is read or printed while the clock runs.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 4096, MOST = 1000 };

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "bare-loop: %s: %s\n", what, detail);
  exit(1);
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void run(PGconn *connection, char statements[][LONGEST], int count) {
  static double spent[MOST];
  static PGresult *results[MOST];
  for (int i = 0; i < count; i++) {
    double began = microseconds();
    results[i] = PQexecParams(connection, statements[i], 0, NULL, NULL, NULL, NULL, 0);
    spent[i] = microseconds() - began;
  }
  for (int i = 0; i < count; i++) {
    if (PQresultStatus(results[i]) != PGRES_TUPLES_OK) fail(statements[i], PQresultErrorMessage(results[i]));
    int rows = PQntuples(results[i]), columns = PQnfields(results[i]);
    const char *last = rows && columns ? PQgetvalue(results[i], 0, columns - 1) : "";
    printf("%.1f\t%d\t%.*s\n", spent[i], rows, (int)strcspn(last, "\t\n"), last);
    PQclear(results[i]);
  }
  fflush(stdout);
}

int main(int argc, char **argv) {
  static char statements[MOST][LONGEST];
  int count = 0;
  if (argc != 2) fail("usage", "bare-loop URL");
  PGconn *connection = PQconnectdb(argv[1]);
  if (PQstatus(connection) != CONNECTION_OK) fail("connection", PQerrorMessage(connection));
  while (fgets(statements[count], LONGEST, stdin)) {
    size_t length = strcspn(statements[count], "\n");
    if (statements[count][length] != '\n') fail("statement", "too long");
    statements[count][length] = 0;
    if (length && ++count == MOST) fail("statements", "too many");
    if (length) continue;
    run(connection, statements, count);
    count = 0;
  }
  PQfinish(connection);
  return 0;
}
