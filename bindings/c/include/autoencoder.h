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
 *   detector. A model may be shared. A sampler and its judge may be used at the same time, by an
 *   interrupt and the program it interrupts for example.
 * - The stack must have room for a load, or for an inference, whichever takes more.
 */

#ifndef AUTOENCODER_H
#define AUTOENCODER_H

#include <stddef.h>
#include <stdint.h>
/* Scores that companions keep of so many for a rate in parts per million: a constant, for a buffer. */
#define AE_CALIBRATION_LEN(scores, rate_ppm) \
  ((size_t)(((uint64_t)(scores) + 1u) * (uint64_t)(rate_ppm) / 1000000u))

/* Bytes that companions of a plan save: a constant, for a buffer. */
#define AE_COMPANIONS_STATE_LEN(scores, alarm_ppm, low_ppm, drift_ppm) \
  (39u + AE_SCORES_STATE_LEN(scores, alarm_ppm) + AE_SCORES_STATE_LEN(scores, low_ppm) + \
   (size_t)((drift_ppm) == 0u ? 0u : 184u))

/* Of those the bytes for a rate: a count, and the scores that are kept. */
#define AE_SCORES_STATE_LEN(scores, rate_ppm) \
  ((rate_ppm) == 0u ? (size_t)0u : 4u + 8u * AE_CALIBRATION_LEN(scores, rate_ppm))

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
   No features are computed of the signal, so there are windows and no frames.
   */
  AE_ERROR_NO_FEATURES = 53,
  /*
   Not as many values as a frame has.
   */
  AE_ERROR_FRAME = 54,
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
   A rate of companions is not in 1 to 999,999 parts per million.
   */
  AE_ERROR_ALARM_RATE = 80,
  /*
   With so few scores there is no threshold, or no bound of low scores, for its rate.
   */
  AE_ERROR_TOO_FEW_SCORES = 81,
  /*
   The buffer for the scores that are kept is too small.
   */
  AE_ERROR_KEPT = 82,
  /*
   The blob has the thresholds of too few of its maker's groups.
   */
  AE_ERROR_TOO_FEW_GROUPS = 83,
  /*
   Not as many bytes as the state of the companions has.
   */
  AE_ERROR_STATE_LENGTH = 84,
  /*
   The state is of companions of another model.
   */
  AE_ERROR_STATE_MODEL = 85,
  /*
   The state is of companions with another plan.
   */
  AE_ERROR_STATE_PLAN = 86,
  /*
   No companions have such a state.
   */
  AE_ERROR_STATE = 87,
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
 Whose threshold a window was compared with.
 */
enum ae_threshold_source
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /*
   The blob's.
   */
  AE_THRESHOLD_SOURCE_BLOB = 0,
  /*
   One that companions found in place.
   */
  AE_THRESHOLD_SOURCE_OWN = 1,
  /*
   There was none; the decision then has the largest number in its place, which no score exceeds.
   */
  AE_THRESHOLD_SOURCE_SILENT = 2,
  /*
   That of the maker's groups.
   */
  AE_THRESHOLD_SOURCE_GROUPS = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum ae_threshold_source ae_threshold_source;
#else
typedef int32_t ae_threshold_source;
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
 What goes along with a detector. It need not be initialised before `ae_companions_begin`. It holds
 pointers into its buffers, and must not be copied.
 */
typedef struct ae_companions {
  /*
   Not for the caller.
   */
  uint64_t private_words[32];
  /*
   Not for the caller.
   */
  size_t private_pointers[32];
} ae_companions;

/*
 Which companions go along; what is 0 does not.
 */
typedef struct ae_plan {
  /*
   Scores that the threshold, and the bound of low scores, are found from: those of the first
   windows that do not overlap.
   */
  uint32_t scores;
  /*
   The false-alarm rate of a threshold that is found in place, in parts per million.
   */
  uint32_t alarm_ppm;
  /*
   Whether there is no threshold until all scores have come, in place of the blob's.
   */
  uint32_t is_silent;
  /*
   Whether the blob's threshold holds where it is higher than the one that is found.
   */
  uint32_t is_at_least_blob;
  /*
   The rate of the bound of low scores, in parts per million.
   */
  uint32_t low_ppm;
  /*
   The probability that a drift is ever told where there is none, in parts per million.
   */
  uint32_t drift_ppm;
  /*
   A start for the generator with which a drift breaks ties, so that boards that see the same break
   them differently; 0 for the same on all.
   */
  uint32_t drift_seed;
  /*
   Windows after which a channel that does not change is stuck.
   */
  uint8_t constant;
} ae_plan;

/*
 What companions have learnt.
 */
typedef struct ae_learnt {
  /*
   The threshold that was found in place; 0 before there is one.
   */
  uint64_t threshold;
  /*
   The bound of low scores; 0 before there is one.
   */
  uint64_t low_bound;
  /*
   Scores that the threshold has been given, of those that the plan says.
   */
  uint32_t taken;
  /*
   1 if there is a threshold, otherwise 0.
   */
  uint32_t has_threshold;
  /*
   1 if there is a bound of low scores, otherwise 0.
   */
  uint32_t has_low_bound;
  /*
   1 if what is normal has changed, otherwise 0.
   */
  uint32_t has_drifted;
} ae_learnt;

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
 What a detector with companions says after a sample. Where the sample ended no window, all is 0.
 */
typedef struct ae_observation {
  /*
   Whether it is an alarm, and its score.
   */
  struct ae_decision decision;
  /*
   Whose threshold it was compared with.
   */
  ae_threshold_source source;
  /*
   1 if the score is below the bound of low scores, otherwise 0.
   */
  uint32_t is_low;
  /*
   1 if a channel does not change, otherwise 0.
   */
  uint32_t is_constant;
  /*
   The first such channel, from 0.
   */
  uint32_t constant;
  /*
   1 if what is normal has changed, otherwise 0. This stays.
   */
  uint32_t has_drifted;
} ae_observation;

/*
 A half of a detector that decides with an f32 model. It need not be initialised before
 `ae_f32_judge_begin`. It holds pointers into the blob and into its buffers, and must not be copied.
 */
typedef struct ae_f32_judge {
  /*
   Not for the caller.
   */
  uint64_t private_words[16];
  /*
   Not for the caller.
   */
  size_t private_pointers[72];
} ae_f32_judge;

/*
 A half of a detector that takes samples. It need not be initialised before `ae_int8_judge_begin` or
 `ae_f32_judge_begin`. It holds pointers into the blob and into its buffers, and must not be copied.
 */
typedef struct ae_sampler {
  /*
   Not for the caller.
   */
  uint64_t private_words[4];
  /*
   Not for the caller.
   */
  size_t private_pointers[40];
} ae_sampler;

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
 A half of a detector that decides with an int8 model. It need not be initialised before
 `ae_int8_judge_begin`. It holds pointers into the blob and into its buffers, and must not be copied.
 */
typedef struct ae_int8_judge {
  /*
   Not for the caller.
   */
  uint64_t private_words[16];
  /*
   Not for the caller.
   */
  size_t private_pointers[72];
} ae_int8_judge;

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
  /*
   Values of a frame, where features are computed of the signal; otherwise 0.
   */
  uint32_t frame;
  /*
   Elements of the buffer `runs` of companions that look at every channel: values of a sample, or of a
   frame, where features are computed of the signal.
   */
  uint32_t runs;
} ae_sizes;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Scores that have to be kept of so many for a rate in parts per million: `AE_CALIBRATION_LEN` as a
 function. It is 0 where the scores are too few for the rate.
 */
size_t ae_calibration_len(uint32_t scores, uint32_t rate_ppm);

/*
 Bytes that companions of such a plan save: `AE_COMPANIONS_STATE_LEN` as a function.
 */
size_t ae_companions_state_len(uint32_t scores,
                               uint32_t alarm_ppm,
                               uint32_t low_ppm,
                               uint32_t drift_ppm);

/*
 Companions before their first window. `kept_len` is at least
 `AE_CALIBRATION_LEN(plan->scores, plan->alarm_ppm)`, `kept_low_len` is the same of `plan->low_ppm`,
 and `runs_len` is the number of channels that are looked at, the first ones. A buffer may be null
 with length 0 where the plan has no use for it. The buffers are the companions' while they are used.
 */
ae_error ae_companions_begin(struct ae_companions *companions,
                             const struct ae_plan *plan,
                             uint64_t *kept,
                             size_t kept_len,
                             uint64_t *kept_low,
                             size_t kept_low_len,
                             uint16_t *runs,
                             size_t runs_len);

/*
 Looks no more whether a channel changes: one that rests for long in normal use.
 */
ae_error ae_companions_pass_over(struct ae_companions *companions, uint32_t channel);

/*
 Takes the score of a window that overlaps none of those before: for a program that has scores
 without a detector. A detector that is given samples with companions does it by itself.
 */
ae_error ae_companions_take(struct ae_companions *companions, uint64_t score);

/*
 Says what companions have learnt.
 */
ae_error ae_companions_learnt(const struct ae_companions *companions, struct ae_learnt *learnt);

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
 As `ae_f32_detector_push_u8`, with companions that see every window.
 */
ae_error ae_f32_detector_push_u8_with(struct ae_f32_detector *detector,
                                      struct ae_companions *companions,
                                      const uint8_t *sample,
                                      size_t channels,
                                      struct ae_observation *observation);

/*
 As `ae_f32_detector_push_i16`, with companions that see every window.
 */
ae_error ae_f32_detector_push_i16_with(struct ae_f32_detector *detector,
                                       struct ae_companions *companions,
                                       const int16_t *sample,
                                       size_t channels,
                                       struct ae_observation *observation);

/*
 As `ae_f32_detector_push_f32`, with companions that see every window.
 */
ae_error ae_f32_detector_push_f32_with(struct ae_f32_detector *detector,
                                       struct ae_companions *companions,
                                       const float *sample,
                                       size_t channels,
                                       struct ae_observation *observation);

/*
 Makes a detector in two halves, before its first sample: a sampler, which an interrupt may own, and a
 judge, which decides while samples come. Together they give the decisions of `ae_f32_detector`. The
 buffers are those of `ae_f32_detector_begin`, and belong to both halves while one is used.

 When the sampler says that a window is whole, the program copies the window into a buffer of its own
 and hands that to the judge, before the next one is whole. Where features are computed of the signal,
 frames of samples take the place of windows.
 */
ae_error ae_f32_judge_begin(struct ae_f32_judge *judge,
                            struct ae_sampler *sampler,
                            const struct ae_f32_model *model,
                            uint8_t *window,
                            size_t window_len,
                            uint8_t *reconstruction,
                            size_t reconstruction_len,
                            float *scratch,
                            size_t scratch_len);

/*
 Decides about the next window, which `ae_sampler_copy_window` gave; `window_len` is the model's
 `features`. Windows are given in their order, and none is left out, or an alarm that takes several
 looks at others. A window that gives an error does not count.
 */
ae_error ae_f32_judge_decide(struct ae_f32_judge *judge,
                             const uint8_t *window,
                             size_t window_len,
                             struct ae_decision *decision);

/*
 As `ae_f32_judge_decide`, with companions that see every window.
 */
ae_error ae_f32_judge_decide_with(struct ae_f32_judge *judge,
                                  struct ae_companions *companions,
                                  const uint8_t *window,
                                  size_t window_len,
                                  struct ae_observation *observation);

/*
 Takes the next frame, which `ae_sampler_copy_frame` gave, computes its features, and decides if it
 ends a window; `frame_len` is the model's `frame`. Frames are given in their order. If one is left
 out, both halves must be reset. A frame that gives an error does not count.
 */
ae_error ae_f32_judge_take_frame(struct ae_f32_judge *judge,
                                 const int16_t *frame,
                                 size_t frame_len,
                                 struct ae_decision *decision);

/*
 As `ae_f32_judge_take_frame`, with companions that see every window.
 */
ae_error ae_f32_judge_take_frame_with(struct ae_f32_judge *judge,
                                      struct ae_companions *companions,
                                      const int16_t *frame,
                                      size_t frame_len,
                                      struct ae_observation *observation);

/*
 Forgets the windows so far: for a signal that was interrupted, or a window that was lost. The sampler
 must forget, too.
 */
ae_error ae_f32_judge_reset(struct ae_f32_judge *judge);

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
 Gives companions a threshold for a machine or person that is none of the maker's groups: of a share
 `group_ppm` of such ones, in parts per million, a higher one would be theirs. It takes the place of the
 blob's threshold, until one is found in place. `AE_ERROR_TOO_FEW_GROUPS` says that the blob has the
 thresholds of too few groups for the share.
 */
ae_error ae_f32_companions_by_groups(struct ae_companions *companions,
                                     const struct ae_f32_model *model,
                                     uint32_t group_ppm);

/*
 Writes what companions have learnt of a model's scores to `state`, for a memory that outlasts a reset.
 `state_len` is `AE_COMPANIONS_STATE_LEN` of the plan. Save between two samples, and a checksum with it.
 The samples and windows that a detector has are not among it, nor are channels that are stuck, which are
 found anew.
 */
ae_error ae_f32_companions_save(const struct ae_companions *companions,
                                const struct ae_f32_model *model,
                                uint8_t *state,
                                size_t state_len);

/*
 Goes on with what `ae_f32_companions_save` wrote. The companions were begun with the same plan, and
 given a threshold of groups as those were; channels that were passed over must be passed over again. If
 the state is refused, they stay as they are.
 */
ae_error ae_f32_companions_resume(struct ae_companions *companions,
                                  const struct ae_f32_model *model,
                                  const uint8_t *state,
                                  size_t state_len);

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
 As `ae_int8_detector_push_u8`, with companions that see every window.
 */
ae_error ae_int8_detector_push_u8_with(struct ae_int8_detector *detector,
                                       struct ae_companions *companions,
                                       const uint8_t *sample,
                                       size_t channels,
                                       struct ae_observation *observation);

/*
 As `ae_int8_detector_push_i16`, with companions that see every window.
 */
ae_error ae_int8_detector_push_i16_with(struct ae_int8_detector *detector,
                                        struct ae_companions *companions,
                                        const int16_t *sample,
                                        size_t channels,
                                        struct ae_observation *observation);

/*
 As `ae_int8_detector_push_f32`, with companions that see every window.
 */
ae_error ae_int8_detector_push_f32_with(struct ae_int8_detector *detector,
                                        struct ae_companions *companions,
                                        const float *sample,
                                        size_t channels,
                                        struct ae_observation *observation);

/*
 Makes a detector in two halves, before its first sample: a sampler, which an interrupt may own, and a
 judge, which decides while samples come. Together they give the decisions of `ae_int8_detector`. The
 buffers are those of `ae_int8_detector_begin`, and belong to both halves while one is used.

 When the sampler says that a window is whole, the program copies the window into a buffer of its own
 and hands that to the judge, before the next one is whole. Where features are computed of the signal,
 frames of samples take the place of windows.
 */
ae_error ae_int8_judge_begin(struct ae_int8_judge *judge,
                             struct ae_sampler *sampler,
                             const struct ae_int8_model *model,
                             uint8_t *window,
                             size_t window_len,
                             uint8_t *reconstruction,
                             size_t reconstruction_len,
                             int8_t *scratch,
                             size_t scratch_len);

/*
 Decides about the next window, which `ae_sampler_copy_window` gave; `window_len` is the model's
 `features`. Windows are given in their order, and none is left out, or an alarm that takes several
 looks at others. A window that gives an error does not count.
 */
ae_error ae_int8_judge_decide(struct ae_int8_judge *judge,
                              const uint8_t *window,
                              size_t window_len,
                              struct ae_decision *decision);

/*
 As `ae_int8_judge_decide`, with companions that see every window.
 */
ae_error ae_int8_judge_decide_with(struct ae_int8_judge *judge,
                                   struct ae_companions *companions,
                                   const uint8_t *window,
                                   size_t window_len,
                                   struct ae_observation *observation);

/*
 Takes the next frame, which `ae_sampler_copy_frame` gave, computes its features, and decides if it
 ends a window; `frame_len` is the model's `frame`. Frames are given in their order. If one is left
 out, both halves must be reset. A frame that gives an error does not count.
 */
ae_error ae_int8_judge_take_frame(struct ae_int8_judge *judge,
                                  const int16_t *frame,
                                  size_t frame_len,
                                  struct ae_decision *decision);

/*
 As `ae_int8_judge_take_frame`, with companions that see every window.
 */
ae_error ae_int8_judge_take_frame_with(struct ae_int8_judge *judge,
                                       struct ae_companions *companions,
                                       const int16_t *frame,
                                       size_t frame_len,
                                       struct ae_observation *observation);

/*
 Forgets the windows so far: for a signal that was interrupted, or a window that was lost. The sampler
 must forget, too.
 */
ae_error ae_int8_judge_reset(struct ae_int8_judge *judge);

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
 Gives companions a threshold for a machine or person that is none of the maker's groups: of a share
 `group_ppm` of such ones, in parts per million, a higher one would be theirs. It takes the place of the
 blob's threshold, until one is found in place. `AE_ERROR_TOO_FEW_GROUPS` says that the blob has the
 thresholds of too few groups for the share.
 */
ae_error ae_int8_companions_by_groups(struct ae_companions *companions,
                                      const struct ae_int8_model *model,
                                      uint32_t group_ppm);

/*
 Writes what companions have learnt of a model's scores to `state`, for a memory that outlasts a reset.
 `state_len` is `AE_COMPANIONS_STATE_LEN` of the plan. Save between two samples, and a checksum with it.
 The samples and windows that a detector has are not among it, nor are channels that are stuck, which are
 found anew.
 */
ae_error ae_int8_companions_save(const struct ae_companions *companions,
                                 const struct ae_int8_model *model,
                                 uint8_t *state,
                                 size_t state_len);

/*
 Goes on with what `ae_int8_companions_save` wrote. The companions were begun with the same plan, and
 given a threshold of groups as those were; channels that were passed over must be passed over again. If
 the state is refused, they stay as they are.
 */
ae_error ae_int8_companions_resume(struct ae_companions *companions,
                                   const struct ae_int8_model *model,
                                   const uint8_t *state,
                                   size_t state_len);

/*
 Takes the next sample, one value for each channel. `is_whole` becomes 1 if it is the last of a window,
 or, where features are computed of the signal, of a frame; otherwise 0. A sample that gives an error
 is not taken.
 */
ae_error ae_sampler_push_u8(struct ae_sampler *sampler,
                            const uint8_t *sample,
                            size_t channels,
                            uint32_t *is_whole);

/*
 Takes the next sample, one value for each channel. `is_whole` becomes 1 if it is the last of a window,
 or, where features are computed of the signal, of a frame; otherwise 0. A sample that gives an error
 is not taken.
 */
ae_error ae_sampler_push_i16(struct ae_sampler *sampler,
                             const int16_t *sample,
                             size_t channels,
                             uint32_t *is_whole);

/*
 Takes the next sample, one value for each channel. `is_whole` becomes 1 if it is the last of a window;
 otherwise 0. A sample that gives an error is not taken.
 */
ae_error ae_sampler_push_f32(struct ae_sampler *sampler,
                             const float *sample,
                             size_t channels,
                             uint32_t *is_whole);

/*
 Copies the whole window, until the next sample, for a judge. `window_len` is the model's `features`.
 */
ae_error ae_sampler_copy_window(const struct ae_sampler *sampler,
                                uint8_t *window,
                                size_t window_len);

/*
 Copies the samples of the whole frame, until the next sample, for a judge. `frame_len` is the model's
 `frame`.
 */
ae_error ae_sampler_copy_frame(const struct ae_sampler *sampler,
                               int16_t *frame,
                               size_t frame_len);

/*
 Forgets the samples so far: for a signal that was interrupted. The judge must forget, too.
 */
ae_error ae_sampler_reset(struct ae_sampler *sampler);

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
