/* Runs autoencoders and detectors; made by cbindgen of the crate ae-c, and not to be edited.
 *
 * What holds for every function:
 *
 * - A pointer leads to as many elements as the length beside it says. They stay there, and nothing else
 *   writes to them during the call.
 * - Buffers that a function writes to lie over no other one.
 * - The blob stays where it is and as it is while the model is used. So do the blob and the buffers of a
 *   detector while the detector is used.
 * - A function that fails leaves nothing of use in the buffers that it writes to.
 * - Functions may be called from several threads at a time, each with its own buffers and its own
 *   detector. A model may be shared.
 * - The stack must have room for a load, or for an inference, whichever takes more.
 */

#ifndef AUTOENCODER_H
#define AUTOENCODER_H

#include <stddef.h>
#include <stdint.h>

/*
 Bytes of a public key.
 */
#define AE_KEY_LEN 32

/*
 Bytes of the purpose's longest name.
 */
#define AE_PURPOSE_LEN 16

/*
 What a function found; 0 is success. `ae_error_text` has the words.
 */
enum ae_error
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   Success.
   */
  AE_ERROR_OK = 0,
  /*
   A pointer is null.
   */
  AE_ERROR_NULL = 1,
  /*
   A pointer is not on the boundary that its type asks for.
   */
  AE_ERROR_MISALIGNED = 2,
  /*
   A length reaches past the end of the address space.
   */
  AE_ERROR_LENGTH = 3,
  /*
   A buffer that is written to lies over another one.
   */
  AE_ERROR_OVERLAP = 4,
  /*
   The struct was never filled by a load or a begin that succeeded.
   */
  AE_ERROR_NOT_LOADED = 5,
  /*
   The bytes are no blob of this version: too few, another beginning, another version.
   */
  AE_ERROR_NO_BLOB = 16,
  /*
   The blob was cut or extended.
   */
  AE_ERROR_BLOB_LENGTH = 17,
  /*
   The blob was changed after it was made: its checksum differs.
   */
  AE_ERROR_CHECKSUM = 18,
  /*
   The blob has the other contract.
   */
  AE_ERROR_CONTRACT = 19,
  /*
   The blob breaks a rule of the format.
   */
  AE_ERROR_FORMAT = 20,
  /*
   The blob needs code that this library was built without.
   */
  AE_ERROR_NOT_BUILT = 21,
  /*
   The core's float arithmetic is set to something else than the format's.
   */
  AE_ERROR_FLOAT_MODE = 22,
  /*
   The blob has no encoder.
   */
  AE_ERROR_NO_ENCODER = 32,
  /*
   The blob has no decoder.
   */
  AE_ERROR_NO_DECODER = 33,
  /*
   Not as many pixels as the model has features.
   */
  AE_ERROR_PIXELS = 34,
  /*
   Not as many latent values as the model has.
   */
  AE_ERROR_LATENT = 35,
  /*
   The scratch is too small.
   */
  AE_ERROR_SCRATCH = 36,
  /*
   A layer gives another result than where the model was made.
   */
  AE_ERROR_SELF_TEST = 37,
  /*
   The blob has no detection section.
   */
  AE_ERROR_NO_DETECTION = 48,
  /*
   The blob's detection section is refused.
   */
  AE_ERROR_DETECTION = 49,
  /*
   The buffer for the window is too small.
   */
  AE_ERROR_WINDOW = 50,
  /*
   The samples have another type than the blob's map takes.
   */
  AE_ERROR_SAMPLE_TYPE = 51,
  /*
   The sample has too few or too many values.
   */
  AE_ERROR_CHANNELS = 52,
  /*
   The 32 bytes are no public key that may be used.
   */
  AE_ERROR_KEY = 64,
  /*
   There is no signature behind the blob, or one of another version.
   */
  AE_ERROR_NOT_SIGNED = 65,
  /*
   The signature is not that of the key's holder over these bytes.
   */
  AE_ERROR_SIGNATURE = 66,
  /*
   The signature is right and the model is older than what may run.
   */
  AE_ERROR_TOO_OLD = 67,
  /*
   The file names a key that is not among those that were passed.
   */
  AE_ERROR_OTHER_KEY = 68,
  /*
   The signature is right and the model is for another purpose.
   */
  AE_ERROR_PURPOSE = 69,
  /*
   The purpose that was passed is no name of 1 to 16 letters, digits and signs of ASCII.
   */
  AE_ERROR_PURPOSE_NAME = 70,
  /*
   Something that this version of the library has no number for.
   */
  AE_ERROR_OTHER = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum ae_error ae_error;
#else
typedef int32_t ae_error;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 A half of an autoencoder.
 */
enum ae_side
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   From pixels to latent values.
   */
  AE_SIDE_ENCODER = 0,
  /*
   From latent values to pixels.
   */
  AE_SIDE_DECODER = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum ae_side ae_side;
#else
typedef int32_t ae_side;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 What a detector says after a sample.
 */
enum ae_verdict
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   The sample ended no window; the other fields are 0.
   */
  AE_VERDICT_NONE = 0,
  /*
   Fewer of the last windows exceed the threshold than an alarm takes.
   */
  AE_VERDICT_NORMAL = 1,
  /*
   So many exceed it; this window need not be one of them.
   */
  AE_VERDICT_ALARM = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum ae_verdict ae_verdict;
#else
typedef int32_t ae_verdict;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 An arithmetic.
 */
enum ae_contract
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   Integers from pixel to pixel: the functions that begin with `ae_int8_`.
   */
  AE_CONTRACT_INT8 = 0,
  /*
   Real numbers: the functions that begin with `ae_f32_`.
   */
  AE_CONTRACT_F32 = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum ae_contract ae_contract;
#else
typedef int32_t ae_contract;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 The type of a sample's values.
 */
enum ae_samples
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   The blob has no detection section.
   */
  AE_SAMPLES_NONE = 0,
  /*
   `uint8_t`.
   */
  AE_SAMPLES_U8 = 1,
  /*
   `int16_t`.
   */
  AE_SAMPLES_I16 = 2,
  /*
   `float`.
   */
  AE_SAMPLES_F32 = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum ae_samples ae_samples;
#else
typedef int32_t ae_samples;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/*
 A loaded f32 model. It need not be initialised before `ae_f32_load`. It holds pointers into the
 blob, and may be copied.
 */
typedef struct ae_f32_model {
  /*
   Not for the caller.
   */
  uint64_t private_words[8];
  /*
   Not for the caller.
   */
  size_t private_pointers[32];
} ae_f32_model;

/*
 The first layer that gives another result than where the model was made. The layers before it are
 right.
 */
typedef struct ae_fault {
  /*
   The half that it is in.
   */
  ae_side side;
  /*
   Its number there, from 0.
   */
  uint32_t layer;
  /*
   The digest in the blob.
   */
  uint32_t expected;
  /*
   The digest of what was computed.
   */
  uint32_t found;
} ae_fault;

/*
 A detector with an f32 model. It need not be initialised before `ae_f32_detector_begin`. It holds
 pointers into the blob and into its buffers, and must not be copied.
 */
typedef struct ae_f32_detector {
  /*
   Not for the caller.
   */
  uint64_t private_words[16];
  /*
   Not for the caller.
   */
  size_t private_pointers[96];
} ae_f32_detector;

/*
 What a detector says after a sample, and why.
 */
typedef struct ae_decision {
  /*
   The window's score: the weighted sum of squared errors.
   */
  uint64_t score;
  /*
   The blob's threshold.
   */
  uint64_t threshold;
  /*
   What the channel below contributes to the score.
   */
  uint64_t channel_score;
  /*
   The channel that contributes most, from 0.
   */
  uint32_t channel;
  /*
   Whether there is a decision, and which.
   */
  ae_verdict verdict;
} ae_decision;

/*
 A loaded int8 model. It need not be initialised before `ae_int8_load`. It holds pointers into the
 blob, and may be copied.
 */
typedef struct ae_int8_model {
  /*
   Not for the caller.
   */
  uint64_t private_words[8];
  /*
   Not for the caller.
   */
  size_t private_pointers[32];
} ae_int8_model;

/*
 A detector with an int8 model. It need not be initialised before `ae_int8_detector_begin`. It holds
 pointers into the blob and into its buffers, and must not be copied.
 */
typedef struct ae_int8_detector {
  /*
   Not for the caller.
   */
  uint64_t private_words[16];
  /*
   Not for the caller.
   */
  size_t private_pointers[96];
} ae_int8_detector;

/*
 How long the buffers of a model are. An element is an `int8_t` or a `float`, by the contract.
 */
typedef struct ae_sizes {
  /*
   Which functions run the model.
   */
  ae_contract contract;
  /*
   1 if there is an encoder, otherwise 0.
   */
  uint32_t has_encoder;
  /*
   1 if there is a decoder, otherwise 0.
   */
  uint32_t has_decoder;
  /*
   Pixels of one input, and of one reconstruction.
   */
  uint32_t features;
  /*
   Latent values.
   */
  uint32_t latent;
  /*
   Elements of a scratch for every function.
   */
  uint32_t scratch;
  /*
   Elements of a scratch for encoding alone.
   */
  uint32_t encode_scratch;
  /*
   Elements of a scratch for decoding alone.
   */
  uint32_t decode_scratch;
  /*
   The type of a detector's samples.
   */
  ae_samples samples;
  /*
   Values of a detector's sample.
   */
  uint32_t channels;
  /*
   Bytes of a detector's window.
   */
  uint32_t window;
} ae_sizes;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Reads and checks a blob in place. The blob must stay where it is and as it is while the model is
 used.
 */
ae_error ae_f32_load(struct ae_f32_model *model, const uint8_t *blob, size_t blob_len);

/*
 Pixels to latent. `pixels_len` is the model's `features`, `latent_len` its `latent`, and
 `scratch_len` at least its `encode_scratch`.
 */
ae_error ae_f32_encode(const struct ae_f32_model *model,
                       const uint8_t *pixels,
                       size_t pixels_len,
                       float *latent,
                       size_t latent_len,
                       float *scratch,
                       size_t scratch_len);

/*
 Latent to pixels. `latent_len` is the model's `latent`, `pixels_len` its `features`, and
 `scratch_len` at least its `decode_scratch`.
 */
ae_error ae_f32_decode(const struct ae_f32_model *model,
                       const float *latent,
                       size_t latent_len,
                       uint8_t *pixels,
                       size_t pixels_len,
                       float *scratch,
                       size_t scratch_len);

/*
 Pixels to latent and back. `pixels` and `reconstruction` have `pixels_len` bytes each, the model's
 `features`; `scratch_len` is at least its `scratch`. The latent is left at the front of `scratch`.
 */
ae_error ae_f32_reconstruct(const struct ae_f32_model *model,
                            const uint8_t *pixels,
                            uint8_t *reconstruction,
                            size_t pixels_len,
                            float *scratch,
                            size_t scratch_len);

/*
 As `ae_f32_reconstruct`, and the squared error of the reconstruction, which is exact.
 */
ae_error ae_f32_score(const struct ae_f32_model *model,
                      const uint8_t *pixels,
                      uint8_t *reconstruction,
                      size_t pixels_len,
                      float *scratch,
                      size_t scratch_len,
                      uint64_t *score);

/*
 Runs the blob's own test vector and compares the digest of every layer, in the halves that the blob
 holds. `pixels` has the model's `features` bytes, and may be null with length 0 where there is no
 decoder; `scratch_len` is at least its `scratch`. If the result is `AE_ERROR_SELF_TEST` and `fault`
 is not null, it says which layer differs first.
 */
ae_error ae_f32_self_test(const struct ae_f32_model *model,
                          uint8_t *pixels,
                          size_t pixels_len,
                          float *scratch,
                          size_t scratch_len,
                          struct ae_fault *fault);

/*
 Makes a detector before its first sample. `window_len` is at least the model's `window`, and exactly
 that where no features are computed of the signal; `reconstruction_len` is its `features`, and
 `scratch_len` at least its `scratch`. The three buffers are the detector's while it is used. The
 model is not needed after this; its blob is.
 */
ae_error ae_f32_detector_begin(struct ae_f32_detector *detector,
                               const struct ae_f32_model *model,
                               uint8_t *window,
                               size_t window_len,
                               uint8_t *reconstruction,
                               size_t reconstruction_len,
                               float *scratch,
                               size_t scratch_len);

/*
 Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
 and what the window is. A sample that gives an error is not taken.
 */
ae_error ae_f32_detector_push_u8(struct ae_f32_detector *detector,
                                 const uint8_t *sample,
                                 size_t channels,
                                 struct ae_decision *decision);

/*
 Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
 and what the window is. A sample that gives an error is not taken.
 */
ae_error ae_f32_detector_push_i16(struct ae_f32_detector *detector,
                                  const int16_t *sample,
                                  size_t channels,
                                  struct ae_decision *decision);

/*
 Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
 and what the window is. A sample that gives an error is not taken.
 */
ae_error ae_f32_detector_push_f32(struct ae_f32_detector *detector,
                                  const float *sample,
                                  size_t channels,
                                  struct ae_decision *decision);

/*
 Forgets the samples and the windows so far: for a signal that was interrupted.
 */
ae_error ae_f32_detector_reset(struct ae_f32_detector *detector);

/*
 Reads and checks a blob in place. The blob must stay where it is and as it is while the model is
 used.
 */
ae_error ae_int8_load(struct ae_int8_model *model, const uint8_t *blob, size_t blob_len);

/*
 Pixels to latent. `pixels_len` is the model's `features`, `latent_len` its `latent`, and
 `scratch_len` at least its `encode_scratch`.
 */
ae_error ae_int8_encode(const struct ae_int8_model *model,
                        const uint8_t *pixels,
                        size_t pixels_len,
                        int8_t *latent,
                        size_t latent_len,
                        int8_t *scratch,
                        size_t scratch_len);

/*
 Latent to pixels. `latent_len` is the model's `latent`, `pixels_len` its `features`, and
 `scratch_len` at least its `decode_scratch`.
 */
ae_error ae_int8_decode(const struct ae_int8_model *model,
                        const int8_t *latent,
                        size_t latent_len,
                        uint8_t *pixels,
                        size_t pixels_len,
                        int8_t *scratch,
                        size_t scratch_len);

/*
 Pixels to latent and back. `pixels` and `reconstruction` have `pixels_len` bytes each, the model's
 `features`; `scratch_len` is at least its `scratch`. The latent is left at the front of `scratch`.
 */
ae_error ae_int8_reconstruct(const struct ae_int8_model *model,
                             const uint8_t *pixels,
                             uint8_t *reconstruction,
                             size_t pixels_len,
                             int8_t *scratch,
                             size_t scratch_len);

/*
 As `ae_int8_reconstruct`, and the squared error of the reconstruction, which is exact.
 */
ae_error ae_int8_score(const struct ae_int8_model *model,
                       const uint8_t *pixels,
                       uint8_t *reconstruction,
                       size_t pixels_len,
                       int8_t *scratch,
                       size_t scratch_len,
                       uint64_t *score);

/*
 Runs the blob's own test vector and compares the digest of every layer, in the halves that the blob
 holds. `pixels` has the model's `features` bytes, and may be null with length 0 where there is no
 decoder; `scratch_len` is at least its `scratch`. If the result is `AE_ERROR_SELF_TEST` and `fault`
 is not null, it says which layer differs first.
 */
ae_error ae_int8_self_test(const struct ae_int8_model *model,
                           uint8_t *pixels,
                           size_t pixels_len,
                           int8_t *scratch,
                           size_t scratch_len,
                           struct ae_fault *fault);

/*
 Makes a detector before its first sample. `window_len` is at least the model's `window`, and exactly
 that where no features are computed of the signal; `reconstruction_len` is its `features`, and
 `scratch_len` at least its `scratch`. The three buffers are the detector's while it is used. The
 model is not needed after this; its blob is.
 */
ae_error ae_int8_detector_begin(struct ae_int8_detector *detector,
                                const struct ae_int8_model *model,
                                uint8_t *window,
                                size_t window_len,
                                uint8_t *reconstruction,
                                size_t reconstruction_len,
                                int8_t *scratch,
                                size_t scratch_len);

/*
 Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
 and what the window is. A sample that gives an error is not taken.
 */
ae_error ae_int8_detector_push_u8(struct ae_int8_detector *detector,
                                  const uint8_t *sample,
                                  size_t channels,
                                  struct ae_decision *decision);

/*
 Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
 and what the window is. A sample that gives an error is not taken.
 */
ae_error ae_int8_detector_push_i16(struct ae_int8_detector *detector,
                                   const int16_t *sample,
                                   size_t channels,
                                   struct ae_decision *decision);

/*
 Takes the next sample, one value for each channel. `decision` says whether the sample ended a window,
 and what the window is. A sample that gives an error is not taken.
 */
ae_error ae_int8_detector_push_f32(struct ae_int8_detector *detector,
                                   const float *sample,
                                   size_t channels,
                                   struct ae_decision *decision);

/*
 Forgets the samples and the windows so far: for a signal that was interrupted.
 */
ae_error ae_int8_detector_reset(struct ae_int8_detector *detector);

/*
 Checks the signature of the signed model at the front of `place`, such as a board's flash, and gives
 where the blob is, to be loaded, and the model's version. Only what was signed is to be loaded.

 One of the `key_count` public keys, `AE_KEY_LEN` bytes each, must have signed it. It must be for this
 purpose, a name of at most `AE_PURPOSE_LEN` letters, or for none where `purpose_len` is 0. And its
 version must be `least` or a later one.
 */
ae_error ae_signature_open(const uint8_t *place,
                           size_t place_len,
                           const uint8_t *keys,
                           size_t key_count,
                           const char *purpose,
                           size_t purpose_len,
                           uint32_t least,
                           const uint8_t **blob,
                           size_t *blob_len,
                           uint32_t *version);

/*
 Reads what a blob says of its sizes. All of the blob is checked, its checksum too; whether this
 core can run it, loading tells.
 */
ae_error ae_sizes_of(const uint8_t *blob, size_t blob_len, struct ae_sizes *sizes);

/*
 What a number of `ae_error` means, in English and on one line: constant text that ends with a zero
 byte. Any number may be given.
 */
const char *ae_error_text(int32_t error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AUTOENCODER_H */
