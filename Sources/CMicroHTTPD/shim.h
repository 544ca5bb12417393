// The front door of GNU libmicrohttpd, an HTTP/1.1 server as a library.
#include <microhttpd.h>
