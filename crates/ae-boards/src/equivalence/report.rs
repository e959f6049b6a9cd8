//! The report of a comparison, for people and for programs.

use std::fmt::Write;

use ae_files::text::line;
use serde::Serialize;

use super::agreement::{Agreement, Count};

/// What was compared, and what agreed.
#[derive(Debug, Clone, Serialize)]
pub struct BoardReport {
    /// Whether every byte of every answer is the host's.
    pub equal: bool,
    /// As given to `--board`.
    pub board: String,
    /// The core, as the board says.
    pub core: String,
    /// The kernel that computed the model there.
    pub kernel: String,
    /// `int8` or `f32`.
    pub contract: &'static str,
    /// `both`, `encoder` or `decoder`.
    pub part: &'static str,
    /// The blob's file.
    pub model: String,
    /// The model's id in hexadecimal.
    pub model_id: String,
    /// Bytes of the blob that was on the board.
    pub bytes: usize,
    /// Test images that were compared.
    pub samples: usize,
    /// Every `stride`-th test image was taken.
    pub stride: usize,
    /// The first layer that differs for any image.
    pub first_layer: Option<String>,
    /// The first test image, counted in all of them, with a different answer.
    pub first_image: Option<usize>,
    /// What agrees.
    #[serde(flatten)]
    pub agreement: Agreement,
}

impl BoardReport {
    /// One line: equal, or what differs first.
    #[must_use]
    pub fn verdict(&self) -> String {
        let Self { board, agreement, .. } = self;
        let (core, kernel) = (line(&self.core), line(&self.kernel));
        let Count { equal, of } = agreement.samples;
        if self.equal {
            return format!(
                "equal: {board} ({core}, kernel {kernel}) gives the host's bytes for all {of} images"
            );
        }
        let first = self.first_image.unwrap_or(0);
        let layer = match &self.first_layer {
            Some(layer) => format!("{} differs first", layer.replace('.', " layer ")),
            None => "every layer agrees, the rest of the answer differs".to_owned(),
        };
        format!(
            "DIFFERENT: {board} ({core}, kernel {kernel}): {layer}; {} of {of} images differ, the first is {first}",
            of - equal
        )
    }

    /// The report in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let Self { board, contract, part, model_id, bytes, samples, .. } = self;
        let (model, core, kernel) = (line(&self.model), line(&self.core), line(&self.kernel));
        let every = match self.stride {
            1 => "all of them".to_owned(),
            stride => format!("one in {stride}"),
        };
        let mut text = format!(
            "# {model} on {board}\n\n\
             The core is a {core}, the kernel {kernel}. The model, {contract}, id {model_id}, has {bytes} bytes on the \
             board; part: {part}.\n\
             Compared by ae-train {}.\n\
             The host and the board were given the same {samples} test images ({every}).\n\n\
             | compared | equal | of |\n| --- | ---: | ---: |\n",
            env!("CARGO_PKG_VERSION")
        );
        for (name, Count { equal, of }) in self.counts() {
            writeln!(text, "| {name} | {equal} | {of} |")
                .expect("writing to a string does not fail");
        }
        text + "\n" + &self.verdict() + "\n"
    }

    /// The counts and the verdict, for a terminal.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (name, Count { equal, of }) in self.counts() {
            writeln!(text, "{name:<20} {equal:>9} of {of:>9} equal")
                .expect("writing to a string does not fail");
        }
        text + &self.verdict()
    }

    /// What there is to count, in the order of the forward pass.
    fn counts(&self) -> Vec<(String, Count)> {
        let agreement = &self.agreement;
        let layers =
            agreement.layers.iter().map(|it| (format!("output of {}", it.layer), it.count));
        let rest = [
            ("bytes of latents", agreement.latent_bytes),
            ("pixels", agreement.pixels),
            ("scores", agreement.scores),
            ("images", agreement.samples),
        ];
        let rest = rest.map(|(name, count)| (name.to_owned(), count));
        layers.chain(rest).filter(|(_, count)| count.of > 0).collect()
    }
}
