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
static ae_plan plan;
/* What is saved of one. */
static uint8_t state[AE_COMPANIONS_STATE_LEN(39, 200000, 200000, 1)];
static ae_observation seen, seen_by_judge;
static const ae_observation nothing;
static uint32_t scores;

/* Begins one of them, or begins it anew: what is in its memory does not matter. */
static int begin_one(size_t at) {
  const size_t kept = AE_CALIBRATION_LEN(plan.scores, plan.alarm_ppm);
  const size_t kept_low = AE_CALIBRATION_LEN(plan.scores, plan.low_ppm);
  ae_error error;
  if (kept > KEPT_MOST || kept_low > KEPT_MOST ||
      kept != ae_calibration_len(plan.scores, plan.alarm_ppm)) {
    return fail("AE_CALIBRATION_LEN gives another length, or one that is too large");
  }
  error = ae_companions_begin(&companions[at].all, &plan, companions[at].kept, kept,
                              companions[at].kept_low, kept_low, companions[at].runs, CHANNELS_MOST);
  return error == AE_ERROR_OK ? 0 : fail_with("companions_begin", error);
}

/* Reads a plan and begins both companions with it. */
static int begin_companions(void) {
  uint32_t numbers[7];
  size_t at;
  for (at = 0; at < 7; at += 1) {
    if (!read_u32(&numbers[at])) {
      return fail("the file ends in a plan");
    }
  }
  plan.scores = numbers[0];
  plan.alarm_ppm = numbers[1];
  plan.low_ppm = numbers[2];
  plan.drift_ppm = numbers[3];
  plan.drift_seed = numbers[4];
  plan.is_silent = numbers[5] & 1u;
  plan.is_at_least_blob = numbers[5] >> 1;
  plan.constant = (uint8_t)numbers[6];
  return begin_one(0) || begin_one(1);
}

/* Whether companions are saved before they see so many scores or samples, and others go on with what was
 * saved: they must learn the same. */
static int is_saved(uint32_t before) { return before % 37u == 5u; }

/* Saves one of them, begins it anew, and goes on with what was saved. */
static int save_and_resume(size_t at) {
  const size_t len =
      AE_COMPANIONS_STATE_LEN(plan.scores, plan.alarm_ppm, plan.low_ppm, plan.drift_ppm);
  ae_error error;
  if (len > sizeof state || len != ae_companions_state_len(plan.scores, plan.alarm_ppm, plan.low_ppm,
                                                           plan.drift_ppm)) {
    return fail("AE_COMPANIONS_STATE_LEN gives another length, or one that is too large");
  }
  error = save_state(&companions[at].all, state, len);
  if (error != AE_ERROR_OK) {
    return fail_with("companions_save", error);
  }
  if (begin_one(at) != 0) {
    return 1;
  }
  error = resume_state(&companions[at].all, state, len);
  return error == AE_ERROR_OK ? 0 : fail_with("companions_resume", error);
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
    if (is_saved(at) && save_and_resume(0) != 0) {
      return 1;
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
