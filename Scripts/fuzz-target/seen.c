// Counters libFuzzer reads beside those of the code: libpg_query was not built to be watched, so its trees are.

#include <stdint.h>

__attribute__((section("__libfuzzer_extra_counters"))) uint8_t seen_shapes[1 << 16];

void saw_shape(uint32_t shape) {
  uint8_t *counter = &seen_shapes[shape * 2654435761u >> 16];
  if (*counter < 255) ++*counter;
}
