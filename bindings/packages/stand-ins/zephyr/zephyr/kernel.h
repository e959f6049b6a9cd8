/* The program sleeps between samples, and ends where the signal does. */
#include <stdint.h>
#include <stdlib.h>

#include "signal.h"

static inline int32_t k_msleep(int32_t milliseconds) {
  static uint32_t samples;
  samples += 1;
  if (samples == SIGNAL_SAMPLES) {
    exit(0);
  }
  return milliseconds < 0;
}
