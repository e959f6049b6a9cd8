//! A detector of features: who samples keeps frames of 32 counts, who decides computes their RMS and a band.
//! A frame is whole every 16 samples, and a window has two.

use ae_infer::{Decision, Detector};
use static_cell::StaticCell;

use crate::{MOST, Sampling, Source};

ae_infer::include_model!(
    /// The model, and buffers and types of its sizes.
    pub mod model = "../../../tests/golden/tiny.features.int8.aeb",
    section = ".model_flash"
);

/// A frame on its way from who samples to who decides.
pub type Frame = [i16; model::FRAME];

/// The half for an interrupt.
pub struct Frames(model::Sampler<'static>);

impl Source for Frames {
    type Piece = Frame;
    const PERIOD: u32 = 50;
    const WINDOWS: usize = 100;

    fn take(&mut self, at: u32) -> Option<Frame> {
        let is_whole = self.0.push(&signal(at)).expect("a count");
        is_whole.then(|| {
            let mut frame = model::frame();
            self.0.copy_frame(&mut frame).expect("a frame of the model's");
            frame
        })
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
        let mut found = (1..).filter_map(|at| detector.push(&signal(at)).expect("a count"));
        core::array::from_fn(|at| if at < Self::WINDOWS { found.next() } else { None })
    }
}

/// A detector in two. It can be made once.
///
/// # Panics
/// It is made again.
#[must_use]
pub fn detector() -> (Sampling<Frames>, model::Judge<'static>) {
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
    (Sampling::new(Frames(sampler)), judge)
}

/// The signal at a time: calm, and wild now and then.
fn signal(at: u32) -> [i16; 1] {
    let swing = if at % 400 > 320 { 200 } else { 2 };
    [((at * 37 % 251) as i16 - 125) * swing]
}
