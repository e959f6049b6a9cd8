/* What the sketch asks of Arduino. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stddef.h>
#include <stdint.h>

extern "C" {
#include "board.h"
}

enum { LOW, HIGH, OUTPUT };
#define LED_BUILTIN 13

static inline void pinMode(int, int) {}
static inline void digitalWrite(int, int) {}
/* The sketch waits where it has stopped alone. */
static inline void delay(unsigned long) { board_exit(1); }

struct StandInSerial {
  void begin(unsigned long) {}
  void print(const char *text) { board_print(text); }
  void println(const char *text) {
    board_print(text);
    board_print("\n");
  }
};
extern StandInSerial Serial;

void setup();
void loop();

#endif
