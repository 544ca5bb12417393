// The front door of GNU libmicrohttpd, an HTTP/1.1 server as a library.
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#endif

// Swift calls no function with "...": these say what is meant.

typedef void *(*MHD_NoteTarget)(void *closure, const char *target, struct MHD_Connection *connection);
typedef size_t (*MHD_Unescape)(void *closure, struct MHD_Connection *connection, char *text);

// All functions get the same closure.
static inline struct MHD_Daemon *MHD_start_daemon_with(unsigned int flags, const struct MHD_OptionItem *options,
                                                       MHD_AccessHandlerCallback handle,
                                                       MHD_NotifyConnectionCallback note_connection,
                                                       MHD_NoteTarget note_target, MHD_Unescape unescape,
                                                       MHD_RequestCompletedCallback note_completed, void *closure) {
  return MHD_start_daemon(flags, 0, NULL, NULL, handle, closure, MHD_OPTION_NOTIFY_CONNECTION, note_connection, closure,
                          MHD_OPTION_URI_LOG_CALLBACK, note_target, closure, MHD_OPTION_UNESCAPE_CALLBACK, unescape,
                          closure, MHD_OPTION_NOTIFY_COMPLETED, note_completed, closure, MHD_OPTION_ARRAY, options,
                          MHD_OPTION_END);
}

static inline const union MHD_ConnectionInfo *MHD_connection_info(struct MHD_Connection *connection,
                                                                 enum MHD_ConnectionInfoType kind) {
  return MHD_get_connection_info(connection, kind);
}

// What a daemon says while it starts goes to a buffer of this size.
enum { MHD_words_size = 512 };

static inline void MHD_hear(void *words, const char *format, va_list arguments) {
  size_t length = strlen((char *)words);
  if (length + 1 < MHD_words_size) vsnprintf((char *)words + length, MHD_words_size - length, format, arguments);
}

// A daemon that listens nowhere, to see whether it would start with this certificate and key.
static inline struct MHD_Daemon *MHD_start_daemon_for_trial(MHD_AccessHandlerCallback handler, const char *certificate,
                                                            const char *key, const char *priorities, char *words) {
  return MHD_start_daemon(MHD_USE_TLS | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG, 0, NULL, NULL, handler, NULL,
                          MHD_OPTION_EXTERNAL_LOGGER, MHD_hear, words, MHD_OPTION_HTTPS_MEM_CERT, certificate,
                          MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_HTTPS_PRIORITIES, priorities, MHD_OPTION_END);
}

// Macros with casts, which Swift does not import.
static const ssize_t MHD_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t MHD_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;
static const uint64_t MHD_unknown_size = MHD_SIZE_UNKNOWN;
