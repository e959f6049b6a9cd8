/* Watches an accelerometer: each window of samples is normal or an alarm. The LED is on during an alarm.
 *
 * model.h and model.c are what `ae-train export c RUN --out FOLDER` writes. Those beside this sketch have
 * weights of random numbers: put your own in their place. */
#include <Arduino.h>
#include <autoencoder.h>

#if defined(ARDUINO_ARDUINO_NANO33BLE)
#include <Arduino_LSM9DS1.h>
#elif defined(ARDUINO_NANO_RP2040_CONNECT)
#include <Arduino_LSM6DSOX.h>
#else
#include <Arduino_LSM6DS3.h>
#endif

#include "model.h"

#if !MODEL_HAS_DETECTOR || MODEL_CHANNELS != 3
#error "this sketch needs a detector for three channels: those of an accelerometer"
#endif

/* The sensor gives g. What the detector learned from was in this unit: here thousandths of g. */
static const float UNITS_PER_G = 1000.0f;

static model_engine engine;
static model_detector detector;
static uint8_t window[MODEL_WINDOW];
static uint8_t reconstruction[MODEL_FEATURES];
static model_element scratch[MODEL_SCRATCH];

/* Says what is wrong, over and over, for who opens the monitor late. */
static void stop(const char *why) {
  for (;;) {
    Serial.println(why);
    delay(1000);
  }
}

static void check(ae_error error) {
  if (error != AE_ERROR_OK) {
    stop(ae_error_text(error));
  }
}

/* Not every board's Serial prints 64 bits. */
static void print_number(uint64_t number) {
  char text[21];
  size_t at = sizeof text - 1;
  text[at] = 0;
  do {
    at -= 1;
    text[at] = (char)('0' + (int)(number % 10));
    number /= 10;
  } while (number != 0);
  Serial.print(text + at);
}

static void report(const ae_decision &decision) {
  const bool is_alarm = decision.verdict == AE_VERDICT_ALARM;
  digitalWrite(LED_BUILTIN, is_alarm ? HIGH : LOW);
  Serial.print(is_alarm ? "alarm" : "normal");
  Serial.print(", score ");
  print_number(decision.score);
  Serial.print(", threshold ");
  print_number(decision.threshold);
  Serial.print(", channel ");
  print_number(decision.channel);
  Serial.println("");
}

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);
  if (!IMU.begin()) {
    stop("the accelerometer does not answer");
  }
  check(model_call(load)(&engine, model_blob, MODEL_BYTES));
  check(model_call(self_test)(&engine, reconstruction, MODEL_FEATURES, scratch, MODEL_SCRATCH, NULL));
  check(model_call(detector_begin)(&detector, &engine, window, MODEL_WINDOW, reconstruction,
                                   MODEL_FEATURES, scratch, MODEL_SCRATCH));
}

void loop() {
  if (!IMU.accelerationAvailable()) {
    return;
  }
  float g[MODEL_CHANNELS];
  IMU.readAcceleration(g[0], g[1], g[2]);
  model_value sample[MODEL_CHANNELS];
  for (size_t axis = 0; axis < MODEL_CHANNELS; axis += 1) {
    sample[axis] = (model_value)(g[axis] * UNITS_PER_G);
  }
  ae_decision decision;
  check(model_push(&detector, sample, MODEL_CHANNELS, &decision));
  if (decision.verdict != AE_VERDICT_NONE) {
    report(decision);
  }
}
