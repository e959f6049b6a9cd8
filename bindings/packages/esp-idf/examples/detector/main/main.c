/* Watches a signal: each window of samples is normal or an alarm.
 *
 * model.h and model.c are what `ae-train export c RUN --out FOLDER` writes. Those beside this file have
 * weights of random numbers: put your own in their place. */
#include <inttypes.h>
#include <stdio.h>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#include "autoencoder.h"
#include "model.h"

#if !MODEL_HAS_DETECTOR
#error "this program needs a detector"
#endif

/* Milliseconds from a sample to the next. */
#define PERIOD_MS 20

static model_engine engine;
static model_detector detector;
static uint8_t window[MODEL_WINDOW];
static uint8_t reconstruction[MODEL_FEATURES];
static model_element scratch[MODEL_SCRATCH];

/* A signal that stands for that of your sensor: a saw of a different pace in each channel. */
static void read_sample(model_value sample[MODEL_CHANNELS]) {
  static uint32_t index;
  uint32_t channel;

  for (channel = 0; channel < MODEL_CHANNELS; channel += 1) {
    sample[channel] = (model_value)((index * (37 + channel) + channel * 101) % 128);
  }
  index += 1;
}

static int check(ae_error error) {
  if (error != AE_ERROR_OK) {
    printf("%s\n", ae_error_text(error));
  }
  return error != AE_ERROR_OK;
}

void app_main(void) {
  if (check(model_call(load)(&engine, model_blob, MODEL_BYTES)) ||
      check(model_call(self_test)(&engine, reconstruction, MODEL_FEATURES, scratch, MODEL_SCRATCH,
                                  NULL)) ||
      check(model_call(detector_begin)(&detector, &engine, window, MODEL_WINDOW, reconstruction,
                                       MODEL_FEATURES, scratch, MODEL_SCRATCH))) {
    return;
  }
  for (;;) {
    model_value sample[MODEL_CHANNELS];
    ae_decision decision;

    read_sample(sample);
    if (check(model_push(&detector, sample, MODEL_CHANNELS, &decision))) {
      return;
    }
    if (decision.verdict != AE_VERDICT_NONE) {
      printf("%s, score %" PRIu64 ", threshold %" PRIu64 ", channel %" PRIu32 "\n",
             decision.verdict == AE_VERDICT_ALARM ? "alarm" : "normal", decision.score,
             decision.threshold, decision.channel);
    }
    vTaskDelay(pdMS_TO_TICKS(PERIOD_MS));
  }
}
