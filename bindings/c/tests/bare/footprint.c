/* A blob is loaded and tested, and watches a signal of one sample: what the program `detector` of
 * firmware/footprint does in Rust. It is linked from this function on, to be measured, and never run. */
#include "autoencoder.h"

uint64_t inference(const uint8_t *blob, size_t blob_len, uint8_t *window, size_t window_len,
                   uint8_t *reconstruction, size_t reconstruction_len, int8_t *scratch,
                   size_t scratch_len, const int16_t *sample, size_t channels);

static ae_int8_model model;
static ae_int8_detector detector;

uint64_t inference(const uint8_t *blob, size_t blob_len, uint8_t *window, size_t window_len,
                   uint8_t *reconstruction, size_t reconstruction_len, int8_t *scratch,
                   size_t scratch_len, const int16_t *sample, size_t channels) {
  ae_decision decision;
  if (ae_int8_load(&model, blob, blob_len) != AE_ERROR_OK) {
    return UINT64_MAX;
  }
  if (ae_int8_self_test(&model, reconstruction, reconstruction_len, scratch, scratch_len, NULL) !=
      AE_ERROR_OK) {
    return UINT64_MAX;
  }
  if (ae_int8_detector_begin(&detector, &model, window, window_len, reconstruction,
                             reconstruction_len, scratch, scratch_len) != AE_ERROR_OK) {
    return UINT64_MAX;
  }
  if (ae_int8_detector_push_i16(&detector, sample, channels, &decision) != AE_ERROR_OK ||
      decision.verdict == AE_VERDICT_NONE) {
    return UINT64_MAX;
  }
  return decision.score;
}
