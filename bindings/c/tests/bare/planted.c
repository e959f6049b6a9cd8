/* A panic that a function reaches whose name is like those for C: what must be found where programs are
 * looked through. It calls the library too, so that its map is of the same kind. It is never run. */
#include "autoencoder.h"
#include "semihosting.h"
#include "start.h"

void ae_planted(void);
void planted_panic(void);

__attribute__((noinline)) void planted_panic(void) { semihosting_exit(4); }

__attribute__((noinline)) void ae_planted(void) {
  planted_panic();
  semihosting_print("");
}

void bare_main(void) {
  ae_sizes sizes;
  if (ae_sizes_of(NULL, 0, &sizes) == AE_ERROR_OK) {
    ae_planted();
  }
  semihosting_exit(0);
}
