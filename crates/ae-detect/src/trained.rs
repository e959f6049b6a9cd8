//! Windows to train on, and the scale that they give each channel.

use ae_data::Images;
use ae_data::signal::{Knots, Piece, Standardisation, WindowAt, constants};

use super::maps::{CODE, Maps};
use super::notes;
use super::trim::{Reach, Verdict};
use super::view::View;
use super::windows::{Cutting, Windows, WindowsError, gather_codes};

/// A feature that is the same everywhere, such as the level of a band in which there is nothing, counts
/// as one of this deviation: an eighth of an octave of a level. A fault may change it.
const LEAST_DEVIATION: f64 = 32.0;

/// Windows to train on.
pub(super) struct Trained {
    pub(super) windows: Windows,
    pub(super) maps: Maps,
    pub(super) scale: Scale,
    /// What is to be said of channels with several levels.
    pub(super) levels: Vec<String>,
    /// What is to be said of windows that lie far from all others.
    pub(super) note: Option<String>,
    pub(super) left_out: usize,
}

/// What later windows are compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) standardisation: Standardisation,
    reach: Option<Reach>,
}

impl Trained {
    /// Of windows that lie `at` these places.
    pub(super) fn of<'s>(
        view: impl Into<View<'s>>,
        at: Vec<WindowAt>,
        cutting: Cutting,
    ) -> Result<Self, WindowsError> {
        let view = view.into();
        let signals = view.signals;
        let all = Self::of_all(view, at, cutting)?;
        let (true, Some(reach)) = (cutting.trim, &all.scale.reach) else { return Ok(all) };
        let window = cutting.spacing.window;
        match reach.judge(signals, &all.windows.at, window, &all.windows.codes) {
            Verdict::Clean => Ok(all),
            Verdict::Keep(note) => Ok(Self { note: Some(note), ..all }),
            Verdict::LeaveOut(stays, note) => {
                let of = all.windows.at.iter().zip(stays);
                let kept: Vec<WindowAt> =
                    of.filter(|(_, stays)| *stays).map(|(at, _)| *at).collect();
                // A channel that changes nowhere else is best seen in all windows.
                if view.features.is_none() && !constants(signals, &kept, window).is_empty() {
                    return Ok(all);
                }
                let left_out = all.windows.len() - kept.len();
                // The scale stays that of all windows: a narrower one would clip faults, and what is
                // clipped differs less from what is normal.
                let Self { maps, scale: Scale { standardisation, .. }, levels, .. } = all;
                let windows =
                    gather_codes(view, kept, [window, cutting.spacing.train_stride], &maps);
                let scale = Scale { standardisation, reach: Reach::of(&windows.codes) };
                Ok(Self { windows, maps, scale, levels, note: Some(note), left_out })
            }
        }
    }

    fn of_all(view: View<'_>, at: Vec<WindowAt>, cutting: Cutting) -> Result<Self, WindowsError> {
        let (window, stride) = (cutting.spacing.window, cutting.spacing.train_stride);
        let (signals, samples) = (view.values(), view.len(window));
        let places: Vec<WindowAt> = at.iter().map(|&at| view.at(at)).collect();
        // Of the signal itself, which also says whether it can be learned from.
        let of_signal = Standardisation::fit(view.signals, &at, window)?;
        let standardisation = match view.features {
            None => of_signal,
            Some(_) => {
                let any = Standardisation::fit_any(signals, &places, samples, LEAST_DEVIATION)?;
                Standardisation { far: [of_signal.far, any.far].concat(), ..any }
            }
        };
        let knots = match cutting.curves {
            true => Knots::of(signals, &places, samples, &standardisation, CODE),
            false => Vec::new(),
        };
        let maps = match cutting.counts {
            true => Maps::of_counts(&standardisation, &knots),
            false => Maps::of_values(&standardisation, &knots),
        };
        let levels = notes::levels(&signals.channels, &standardisation, &knots);
        let windows = gather_codes(view, at, [window, stride], &maps);
        let reach = Reach::of(&windows.codes);
        let scale = Scale { standardisation, reach };
        Ok(Self { windows, maps, scale, levels, note: None, left_out: 0 })
    }
}

impl Scale {
    /// What a user should know of windows to calibrate on, which are of these `pieces`.
    pub(super) fn notes(
        &self,
        view: View<'_>,
        pieces: &[Piece],
        window: usize,
        windows: &Windows,
    ) -> Vec<String> {
        let mut notes = notes::beyond(view, pieces, &self.standardisation);
        let (at, codes): (&[WindowAt], &Images) = (&windows.at, &windows.codes);
        let of = |reach: &Reach| reach.of_calibration(view.signals, at, window, codes);
        notes.extend(self.reach.as_ref().and_then(of));
        notes
    }
}
