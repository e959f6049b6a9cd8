/* What Arduino does with a sketch, for as long as the signal lasts. */
#include <Arduino.h>

#include "signal.h"

StandInSerial Serial;

int main() {
  setup();
  for (uint32_t turn = 0; turn < 2 * SIGNAL_SAMPLES; turn += 1) {
    loop();
  }
  board_exit(0);
  return 0;
}
