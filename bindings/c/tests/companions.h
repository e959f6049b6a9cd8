/* What `cases.c` does with companions, and with what a detector and its halves say. It is included
 * there. */

/* Of 39 scores and a rate of a fifth. */
#define KEPT_MOST AE_CALIBRATION_LEN(39, 200000)

/* Companions of the detector, and of the one in two halves. */
static struct {
  ae_companions all;
  uint64_t kept[KEPT_MOST], kept_low[KEPT_MOST];
  uint16_t runs[CHANNELS_MOST];
} companions[2];
static ae_observation seen, seen_by_judge;
static const ae_observation nothing;
static uint32_t scores;

/* Reads a plan and begins both companions with it. */
static int begin_companions(void) {
  uint32_t numbers[7];
  size_t at;
  for (at = 0; at < 7; at += 1) {
    if (!read_u32(&numbers[at])) {
      return fail("the file ends in a plan");
    }
  }
  for (at = 0; at < 2; at += 1) {
    const size_t kept = AE_CALIBRATION_LEN(numbers[0], numbers[1]);
    const size_t kept_low = AE_CALIBRATION_LEN(numbers[0], numbers[2]);
    ae_plan plan;
    ae_error error;
    plan.scores = numbers[0];
    plan.alarm_ppm = numbers[1];
    plan.low_ppm = numbers[2];
    plan.drift_ppm = numbers[3];
    plan.drift_seed = numbers[4];
    plan.is_silent = numbers[5] & 1u;
    plan.is_at_least_blob = numbers[5] >> 1;
    plan.constant = (uint8_t)numbers[6];
    if (kept > KEPT_MOST || kept_low > KEPT_MOST ||
        kept != ae_calibration_len(numbers[0], numbers[1])) {
      return fail("AE_CALIBRATION_LEN gives another length, or one that is too large");
    }
    error = ae_companions_begin(&companions[at].all, &plan, companions[at].kept, kept,
                                companions[at].kept_low, kept_low, companions[at].runs,
                                CHANNELS_MOST);
    if (error != AE_ERROR_OK) {
      return fail_with("companions_begin", error);
    }
  }
  return 0;
}

/* Compares what the detector and its halves said of a sample with the verdict and with what stands
 * behind it in the file. */
static int compare_seen(uint32_t verdict, int is_along) {
  uint32_t channel, source = 0, found = 0, constant = 0;
  uint64_t score, channel_score, threshold = 0;
  const ae_observation *all[2] = {&seen, &seen_by_judge};
  size_t at;
  if ((uint32_t)seen.decision.verdict != verdict ||
      (uint32_t)seen_by_judge.decision.verdict != verdict) {
    return fail("another decision");
  }
  if (verdict == 0) {
    return 0;
  }
  if (!read_u32(&channel) || !read_u64(&score) || !read_u64(&channel_score)) {
    return fail("the file ends in a decision");
  }
  if (is_along && (!read_u64(&threshold) || !read_u32(&source) || !read_u32(&found) ||
                   !read_u32(&constant))) {
    return fail("the file ends in what companions say");
  }
  for (at = 0; at < 2; at += 1) {
    const ae_observation *it = all[at];
    if (it->decision.channel != channel || it->decision.score != score ||
        it->decision.channel_score != channel_score) {
      return fail("another score or channel");
    }
    if (is_along && (it->decision.threshold != threshold || (uint32_t)it->source != source ||
                     (it->is_low | it->is_constant << 1 | it->has_drifted << 2) != found ||
                     it->constant != constant)) {
      return fail("another threshold of a score, or another finding");
    }
  }
  decisions += 1;
  return 0;
}

static int read_scores(void) {
  uint32_t count, at, known;
  uint64_t score, threshold, low_bound;
  ae_learnt learnt;
  if (begin_companions() != 0) {
    return 1;
  }
  if (!read_u32(&count)) {
    return fail("the file ends in scores");
  }
  for (at = 0; at < count; at += 1) {
    ae_error error;
    if (!read_u64(&score) || !read_u32(&known)) {
      return fail("the file ends in scores");
    }
    error = ae_companions_take(&companions[0].all, score);
    if (error != AE_ERROR_OK) {
      return fail_with("companions_take", error);
    }
    error = ae_companions_learnt(&companions[0].all, &learnt);
    if (error != AE_ERROR_OK) {
      return fail_with("companions_learnt", error);
    }
    if ((learnt.has_threshold | learnt.has_low_bound << 1 | learnt.has_drifted << 2) != known) {
      return fail("something else is known of scores");
    }
    scores += 1;
  }
  if (!read_u64(&threshold) || !read_u64(&low_bound)) {
    return fail("the file ends in scores");
  }
  if (learnt.threshold != threshold || learnt.low_bound != low_bound) {
    return fail("another threshold of scores");
  }
  return 0;
}
