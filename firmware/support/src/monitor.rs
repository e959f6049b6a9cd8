//! The program `monitor`: watches a signal that a host sends, and tells of alarms.

use ae_core::{DetectionError, FeaturesError, LoadError};
#[cfg(feature = "signal-features")]
use ae_infer::Autoencoder;
use ae_infer::{Compute, Detector, DetectorError, Findings, Observation};
use ae_protocol::{Answer, CompanionsRecord, DetectorInfo, FrameReader, Request};
use embedded_io::{Read, Write};

use crate::arena::Memory;
use crate::board::Board;
use crate::company::{self, Alarm, Company, Found, record};
use crate::exchange::{
    Flawed, LineLost, Reply, Unknown, begin, finish, identify, receive, refuse_all, told,
};
use crate::gate::admit;
use crate::inference;
use crate::kept::{self, Asked};
use crate::last_words;
use crate::model::{Loaded, Program, with_model};
use crate::sample::{NoSample, Sample};
use crate::text::{Line, Reason, words};

/// Takes samples over the line, sends a decision for each window, and writes a line of text for each
/// alarm, such as `alarm: score 123456 over 120000, most from channel 2`, until the host leaves or
/// the line ends. See [`Request::Push`].
///
/// The text goes to the line alone, where it stands between frames: what some boards
/// [`print`](Board::print) goes to a debugger too, and where there is none that ends the program.
pub fn run<B: Board>(mut board: B, memory: Memory) -> ! {
    last_words::tell(&mut board);
    board.watch();
    let admitted = admit(&mut board);
    let watched = admitted.and_then(|model| with_model(model, Monitor(&mut board), memory));
    let success = match watched {
        Ok(Ok(success)) => success,
        // The host is told what is wrong as often as it asks.
        Ok(Err(unfit)) => refuse_all(board.port(), Line::new().reason(&unfit)),
        Err(unusable) => refuse_all(board.port(), Line::new().reason(&unusable)),
    };
    board.exit(success)
}

/// Why there is no detector.
enum Unfit {
    Detector(DetectorError),
    Sample(NoSample),
}

impl Reason for Unfit {
    fn say(&self, line: &mut Line) {
        match self {
            Self::Detector(error) => {
                let short = match error {
                    DetectorError::NoDetection => "it has no detection section",
                    DetectorError::Infer(_) => "it lacks a part",
                    DetectorError::Load(LoadError::Detection(DetectionError::Features(
                        FeaturesError::NotBuilt,
                    ))) => "this firmware has no features of signals",
                    _ => "its detection section is refused",
                };
                words(line.text("the model cannot watch a signal: "), error, short);
            }
            Self::Sample(no_sample) => no_sample.say(line),
        }
    }
}

/// Why samples are not taken.
enum Refusal {
    NotWhole { found: u32, sample: u32 },
    PastTheWindow { found: u32, due: u32 },
    Detector(DetectorError),
}

impl Reason for Refusal {
    fn say(&self, line: &mut Line) {
        match self {
            Self::NotWhole { found, sample } => {
                line.text("the request has ").number(*found);
                line.text(" bytes, which is no whole number of samples of ").number(*sample);
                line.text(" bytes");
            }
            Self::PastTheWindow { found, due } => {
                line.text("the request has ").number(*found);
                line.text(" samples, but the window ends after ").number(*due);
            }
            Self::Detector(error) => words(line, error, "the detector takes no such sample"),
        }
    }
}

struct Monitor<'b, B>(&'b mut B);

impl<B: Board> Program for Monitor<'_, B> {
    type Output = Result<bool, Unfit>;

    #[cfg(feature = "signal-features")]
    fn window_len<A: Compute<'static>>(&self, model: &Autoencoder<'static, A>) -> usize {
        let features = model.model().header().features as usize;
        // What is wrong with the section is told when the detector begins.
        let detection = model.model().detection().ok().flatten();
        detection.map_or(features, |detection| detection.window_len(features))
    }

    // A session is large, and must not lie on the stack below the check of a signature.
    #[inline(never)]
    fn run<A: Compute<'static>>(self, loaded: Loaded<A>, mut rest: Memory) -> Self::Output {
        let Loaded { model, pixels, reconstruction, scratch, .. } = loaded;
        let detector = inference::detector(model, pixels, reconstruction, scratch);
        let detector = detector.map_err(Unfit::Detector)?;
        let (detection, channels) = (*detector.detection(), detector.channels());
        let kind = detection.kind();
        let sample = Sample::new(&mut rest, kind, channels).map_err(Unfit::Sample)?;
        // The board computes at the end of a window, and where there are features, of a frame.
        let (window, stride) = match detection.features {
            Some(features) if cfg!(feature = "signal-features") => {
                (features.frame.into(), features.hop.into())
            }
            _ => (detection.window, detection.stride),
        };
        let channels = u32::try_from(channels).unwrap_or(u32::MAX);
        let id = detector.model().model().header().model_id;
        let info = DetectorInfo { kind, channels, window, stride };
        let mut session = Session {
            core: self.0.core(),
            board: B::NAME,
            detector,
            company: Company::NONE,
            asked: None,
            id,
            found: Findings::default(),
            sample,
            info,
            due: info.window,
            lost: false,
        };
        if B::KEEPS {
            // In its place, because a company is large and the stack is not.
            let company = &mut session.company;
            session.asked = kept::resume(company, &session.id, self.0.kept(), &detection);
        }
        loop {
            match session.serve(self.0) {
                Ok(true) => {}
                Ok(false) => return Ok(true),
                Err(LineLost) => return Ok(false),
            }
        }
    }
}

struct Session<A: Compute<'static>> {
    detector: Detector<'static, 'static, A>,
    company: Company,
    /// What the host asked to go along, where the board keeps it.
    asked: Option<Asked>,
    /// The model's.
    id: [u8; 16],
    /// What was found of the last window.
    found: Findings,
    sample: Sample,
    info: DetectorInfo,
    /// Samples up to the end of the next window or frame.
    due: u32,
    /// Whether samples are lost and the host does not know.
    lost: bool,
    board: &'static str,
    core: &'static str,
}

impl<A: Compute<'static>> Session<A> {
    /// Serves one request; `false` when the host leaves.
    fn serve<B: Board>(&mut self, board: &mut B) -> Result<bool, LineLost> {
        let frame = begin(board.port())?;
        let (kind, number) = (frame.kind(), frame.number());
        let request = Request::from_number(kind);
        if request == Some(Request::Push) {
            let taken = self.take(frame)?;
            // Before it is told: what the host knows of is kept.
            if matches!(taken, Taken::All(Some(_))) {
                self.keep(board);
            }
            return self.tell(taken, Reply { port: board.port(), number });
        }
        let mut asked = [0; CompanionsRecord::LEN];
        let received = match request {
            Some(Request::Accompany) => receive(frame, &mut asked)?,
            Some(Request::Identify | Request::Detector | Request::Reset | Request::Leave) => {
                receive(frame, &mut [])?
            }
            // The other requests are for the program `equivalence`.
            _ => finish(frame)?,
        };
        if let Err(flawed) = received {
            Reply { port: board.port(), number }.flawed(&flawed)?;
            return Ok(true);
        }
        let mut begun = Ok(());
        if request == Some(Request::Accompany) {
            self.reset();
            begun = company::begin(&mut self.company, &asked, self.detector.detection());
            self.asked = B::KEEPS.then_some(asked);
            self.keep(board);
        }
        let reply = Reply { port: board.port(), number };
        match request {
            Some(Request::Leave) => return Ok(false),
            Some(Request::Identify) => {
                identify(reply, self.detector.model(), self.board, self.core)?;
            }
            Some(Request::Detector) => reply.send(Answer::Detector, &[&self.info.to_bytes()])?,
            Some(Request::Reset) => {
                self.reset();
                reply.send(Answer::Decided, &[])?;
            }
            Some(Request::Accompany) => match begun {
                Ok(()) => reply.send(Answer::Decided, &[])?,
                Err(no_company) => reply.refuse(&no_company)?,
            },
            _ => reply.refuse(&Unknown(kind))?,
        }
        Ok(true)
    }

    /// Has the board keep what goes along, if that has learnt anything since.
    fn keep<B: Board>(&mut self, board: &mut B) {
        let Some(asked) = self.asked.filter(|_| B::KEEPS) else { return };
        let mut place = [0; kept::LEN];
        let len = kept::write(&self.id, &asked, &self.company, &mut place);
        let bytes = place.get(..len).unwrap_or_default();
        if bytes != board.kept() {
            // Where it cannot, the detector goes on all the same, and begins anew behind a reset.
            board.keep(bytes);
        }
    }

    fn reset(&mut self) {
        self.detector.reset();
        self.due = self.info.window;
        self.lost = false;
        self.found = Findings::default();
    }

    /// Takes the samples of a request as they come, but the last only when all of the request has
    /// come: so nothing comes while a window is computed. Where samples of a request are lost that
    /// gets no answer, the next one is told.
    fn take<P: Read>(&mut self, mut frame: FrameReader<P>) -> Result<Taken, LineLost> {
        let bytes = self.sample.bytes_mut();
        let (found, sample) = (frame.left(), u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        let count = found.checked_div(sample).unwrap_or(0);
        let refusal = if count.checked_mul(sample) != Some(found) {
            Some(Refusal::NotWhole { found, sample })
        } else if count > self.due {
            Some(Refusal::PastTheWindow { found: count, due: self.due })
        } else {
            None
        };
        let (mut decided, mut moved) = (Ok(None), false);
        let was_lost = core::mem::take(&mut self.lost);
        // A request that is refused is passed over.
        let taken = if refusal.is_none() && !was_lost { count } else { 0 };
        let came = told((|| {
            for left in (0..taken).rev() {
                frame.take(self.sample.bytes_mut())?;
                if left > 0 && decided.is_ok() {
                    decided = self.sample.push_with(&mut self.detector, &mut self.company);
                    moved = true;
                }
            }
            frame.skip()?;
            frame.finish()
        })())?;
        match came {
            Ok(()) if was_lost => return Ok(Taken::Flawed(Flawed::Damaged)),
            Ok(()) => {}
            Err(Flawed::BrokenOff) => {
                if moved {
                    self.reset();
                }
                self.lost = moved || was_lost;
                return Ok(Taken::Flawed(Flawed::BrokenOff));
            }
            Err(flawed) => {
                // What was taken may be wrong.
                self.reset();
                return Ok(Taken::Flawed(flawed));
            }
        }
        if let Some(refusal) = refusal {
            return Ok(Taken::Refused(refusal));
        }
        if count > 0 && decided.is_ok() {
            decided = self.sample.push_with(&mut self.detector, &mut self.company);
        }
        self.due = match self.due.saturating_sub(count) {
            0 => self.info.stride,
            due => due,
        };
        Ok(decided.map_or_else(|error| Taken::Refused(Refusal::Detector(error)), Taken::All))
    }

    /// Answers a request with samples, after a line for people where there is an alarm.
    fn tell<P: Write>(&mut self, taken: Taken, reply: Reply<'_, P>) -> Result<bool, LineLost> {
        match taken {
            Taken::Flawed(flawed) => reply.flawed(&flawed)?,
            Taken::Refused(refusal) => reply.refuse(&refusal)?,
            Taken::All(None) => reply.send(Answer::Decided, &[])?,
            Taken::All(Some(observed)) => {
                let (decision, found) = (observed.decision, observed.findings);
                let evidence = decision.evidence();
                if decision.is_alarm() {
                    let mut line = Line::new();
                    line.reason(&Alarm(evidence)).text("\n");
                    reply.port.write_all(line.as_str().as_bytes())?;
                }
                // When it begins or changes, not with every window.
                if found != self.found && found != Findings::default() {
                    let mut line = Line::new();
                    line.reason(&Found(&found)).text("\n");
                    reply.port.write_all(line.as_str().as_bytes())?;
                }
                self.found = found;
                reply.send(Answer::Decided, &[&record(&observed).to_bytes()])?;
            }
        }
        Ok(true)
    }
}

/// What became of a request with samples.
enum Taken {
    All(Option<Observation>),
    Flawed(Flawed),
    Refused(Refusal),
}
