/* Sensors. This one's values are millionths of g already. */
#include <stdint.h>
#include <zephyr/device.h>

#include "signal.h"

struct sensor_value {
  int32_t val1;
  int32_t val2;
};

enum sensor_channel { SENSOR_CHAN_ACCEL_XYZ = 3 };

static uint32_t stand_in_index;

static inline int sensor_sample_fetch(const struct device *device) { return device == 0; }

static inline int sensor_channel_get(const struct device *device, enum sensor_channel channel,
                                     struct sensor_value *values) {
  uint32_t axis;
  for (axis = 0; axis < 3; axis += 1) {
    values[axis].val1 = (int32_t)signal_at(stand_in_index, axis) * 1000;
  }
  stand_in_index += 1;
  return device == 0 || channel != SENSOR_CHAN_ACCEL_XYZ;
}

static inline int32_t sensor_ms2_to_ug(const struct sensor_value *value) { return value->val1; }
