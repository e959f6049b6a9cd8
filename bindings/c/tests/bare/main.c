/* The reader of cases without an operating system. The file lies in the folder where the emulator
 * runs. */
#include "../cases.h"

#include "semihosting.h"
#include "start.h"

static int32_t file;
/* Asking the host takes long, so it is asked for much at a time. */
static uint8_t ahead[4096];
static size_t come, taken;

int cases_open(void) {
  file = semihosting_open("cases.bin");
  return file >= 0;
}

int cases_read(void *to, size_t bytes) {
  uint8_t *place = to;
  size_t at;
  for (at = 0; at < bytes; at += 1) {
    if (taken == come) {
      come = sizeof ahead - semihosting_read(file, ahead, sizeof ahead);
      taken = 0;
      if (come == 0) {
        return 0;
      }
    }
    place[at] = ahead[taken];
    taken += 1;
  }
  return 1;
}

void cases_print(const char *text) { semihosting_print(text); }

void bare_main(void) { semihosting_exit(cases_run()); }
