/* An accelerometer. It gives g, here thousandths and half of one, so that rounding changes nothing. */
#include "signal.h"

struct StandInSensor {
  uint32_t index = 0;
  bool is_new = false;

  int begin() { return 1; }
  /* Every second time. */
  int accelerationAvailable() { return is_new = !is_new; }
  int readAcceleration(float &x, float &y, float &z) {
    x = g(0);
    y = g(1);
    z = g(2);
    index += 1;
    return 1;
  }
  float g(uint32_t channel) const {
    return (static_cast<float>(signal_at(index, channel)) + 0.5f) / 1000.0f;
  }
};
static StandInSensor IMU;
