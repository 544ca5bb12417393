// The front door of libpg_query, PostgreSQL's own parser as a library.
#include <pg_query.h>
