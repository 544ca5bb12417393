// The front door of libpq, PostgreSQL's C client library.
#include <libpq-fe.h>
#ifdef __linux__
// Not part of Swift's own module of the C library.
#include <sys/epoll.h>
#endif
