// The front door of SQLite, a database in a file.
#include <sqlite3.h>
