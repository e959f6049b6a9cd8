//! A detector of windows of the signal: four values of f32 a sample.

use ae_infer::{Decision, Detector};
use static_cell::StaticCell;

use crate::{MOST, Sampling, Source};

ae_infer::include_model!(
    /// The model, and buffers and types of its sizes.
    pub mod model = "../../../tests/golden/tiny.values.f32.aeb",
    section = ".model_flash"
);

/// A window on its way from who samples to who decides.
pub type Window = [u8; model::FEATURES];

/// The half for an interrupt.
pub struct Windows(model::Sampler<'static>);

impl Source for Windows {
    type Piece = Window;
    const PERIOD: u32 = 50;
    const WINDOWS: usize = 400;

    fn take(&mut self, at: u32) -> Option<Window> {
        let is_whole = self.0.push(&signal(at)).expect("four values of f32");
        is_whole.then(|| self.0.window().try_into().expect("a window of the model's"))
    }

    fn blob() -> &'static [u8] {
        model::BLOB
    }

    fn decisions_of_push() -> [Option<Decision>; MOST] {
        let (mut window, mut reconstruction) = (model::window(), model::pixels());
        let mut scratch = model::scratch();
        let model = model::load().expect("a blob that can be run");
        let mut detector = Detector::new(model, &mut window, &mut reconstruction, &mut scratch)
            .expect("a blob with a detector");
        // The first interrupt comes a period after the start.
        let mut found =
            (1..).filter_map(|at| detector.push(&signal(at)).expect("four values of f32"));
        core::array::from_fn(|at| if at < Self::WINDOWS { found.next() } else { None })
    }
}

/// A detector in two. It can be made once.
///
/// # Panics
/// It is made again.
#[must_use]
pub fn detector() -> (Sampling<Windows>, model::Judge<'static>) {
    static WINDOW: StaticCell<[u8; model::WINDOW]> = StaticCell::new();
    static RECONSTRUCTION: StaticCell<[u8; model::FEATURES]> = StaticCell::new();
    static SCRATCH: StaticCell<[model::Element; model::SCRATCH]> = StaticCell::new();

    let detector: model::Detector<'static> = Detector::new(
        model::load().expect("a blob that can be run"),
        WINDOW.init(model::window()),
        RECONSTRUCTION.init(model::pixels()),
        SCRATCH.init(model::scratch()),
    )
    .expect("a blob with a detector");
    let (sampler, judge) = detector.split();
    (Sampling::new(Windows(sampler)), judge)
}

/// The signal at a time: calm, and wild now and then.
fn signal(at: u32) -> [f32; 4] {
    let swing = if at % 100 > 80 { 9.0 } else { 0.5 };
    let sway = |step: u32| ((at * step % 251) as f32 / 125.0 - 1.0) * swing;
    [sway(37), 1.0 + 30.0 * sway(53), 9.81 + 5.0 * sway(71), -2.0 + 0.2 * sway(97)]
}
