/* The signal of every stand-in for a sensor: a saw of a different pace in each channel. */
#ifndef SIGNAL_H
#define SIGNAL_H

#include <stdint.h>

/* Samples after which a program ends. */
#define SIGNAL_SAMPLES 100u

static inline uint32_t signal_at(uint32_t index, uint32_t channel) {
  return (index * (37u + channel) + channel * 101u) % 128u;
}

#endif
