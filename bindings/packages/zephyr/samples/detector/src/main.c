/* Watches an accelerometer: each window of samples is normal or an alarm.
 *
 * model.h and model.c are what `ae-train export c RUN --out FOLDER` writes. Those beside this file have
 * weights of random numbers: put your own in their place. */
#include <autoencoder.h>
#include <zephyr/device.h>
#include <zephyr/drivers/sensor.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "model.h"

#if !MODEL_HAS_DETECTOR || MODEL_CHANNELS != 3
#error "this program needs a detector for three channels: those of an accelerometer"
#endif

/* Milliseconds from a sample to the next. */
#define PERIOD_MS 20

static model_engine engine;
static model_detector detector;
static uint8_t window[MODEL_WINDOW];
static uint8_t reconstruction[MODEL_FEATURES];
static model_element scratch[MODEL_SCRATCH];

#if DT_NODE_HAS_STATUS(DT_ALIAS(accel0), okay)
static const struct device *const sensor = DEVICE_DT_GET(DT_ALIAS(accel0));

/* In thousandths of g, which is the unit that the model learned from. */
static int read_sample(model_value sample[MODEL_CHANNELS]) {
  struct sensor_value axes[MODEL_CHANNELS];
  size_t axis;
  int failed;

  if (!device_is_ready(sensor)) {
    return -1;
  }
  failed = sensor_sample_fetch(sensor);
  if (failed == 0) {
    failed = sensor_channel_get(sensor, SENSOR_CHAN_ACCEL_XYZ, axes);
  }
  if (failed != 0) {
    return failed;
  }
  for (axis = 0; axis < MODEL_CHANNELS; axis += 1) {
    sample[axis] = (model_value)(sensor_ms2_to_ug(&axes[axis]) / 1000);
  }
  return 0;
}
#else
/* A signal that stands for yours: a saw of a different pace in each channel. */
static int read_sample(model_value sample[MODEL_CHANNELS]) {
  static uint32_t index;
  uint32_t channel;

  for (channel = 0; channel < MODEL_CHANNELS; channel += 1) {
    sample[channel] = (model_value)((index * (37 + channel) + channel * 101) % 128);
  }
  index += 1;
  return 0;
}
#endif

static int check(ae_error error) {
  if (error != AE_ERROR_OK) {
    printk("%s\n", ae_error_text(error));
  }
  return error != AE_ERROR_OK;
}

int main(void) {
  if (check(model_call(load)(&engine, model_blob, MODEL_BYTES)) ||
      check(model_call(self_test)(&engine, reconstruction, MODEL_FEATURES, scratch, MODEL_SCRATCH,
                                  NULL)) ||
      check(model_call(detector_begin)(&detector, &engine, window, MODEL_WINDOW, reconstruction,
                                       MODEL_FEATURES, scratch, MODEL_SCRATCH))) {
    return 1;
  }
  for (;;) {
    model_value sample[MODEL_CHANNELS];
    ae_decision decision;

    if (read_sample(sample) != 0) {
      printk("the accelerometer does not answer\n");
      return 1;
    }
    if (check(model_push(&detector, sample, MODEL_CHANNELS, &decision))) {
      return 1;
    }
    if (decision.verdict != AE_VERDICT_NONE) {
      printk("%s, score %llu, threshold %llu, channel %u\n",
             decision.verdict == AE_VERDICT_ALARM ? "alarm" : "normal",
             (unsigned long long)decision.score, (unsigned long long)decision.threshold,
             (unsigned int)decision.channel);
    }
    k_msleep(PERIOD_MS);
  }
}
