//! A blob as plain values (`FORMAT.md`, "Header" and "Body").

use std::ops::Range;

use crate::arithmetic::Arithmetic;
use crate::spatial::strips::{LEAST_SAVED, MOST_LAYERS};
use crate::spatial::{Kind, Shape, Spatial};

/// An autoencoder, its encoder or its decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Blob<A> {
    /// Pairs encoder and decoder.
    pub model_id: [u8; 16],
    /// Whether layers over maps are computed in strips.
    pub in_strips: bool,
    /// Int8: scale and offset of each latent value.
    pub latent_map: Vec<u8>,
    /// What wrote the blob.
    pub tool: String,
    /// Of any bytes.
    pub config: Vec<u8>,
    /// Of any bytes.
    pub data: Vec<u8>,
    /// The detection section, which [`Section`](crate::section::Section) reads; or empty.
    pub detection: Vec<u8>,
    /// From pixels to latent values.
    pub encoder: Option<Part<A>>,
    /// From latent values to pixels.
    pub decoder: Option<Part<A>>,
}

/// Layers, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<A> {
    /// At least one.
    pub layers: Vec<Layer<A>>,
    /// Pixels, or latent values.
    pub test_input: Vec<u8>,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer<A> {
    /// Values that go in.
    pub inputs: usize,
    /// Values that come out.
    pub outputs: usize,
    /// Kind and sizes of a layer that works position by position; none of a dense one.
    pub spatial: Option<Spatial>,
    /// CRC-32C of what comes out for the part's test input.
    pub digest: u32,
    /// Weights and all that stands behind the sums.
    pub arithmetic: A,
}

/// The numbers by which the header repeats the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Pixels.
    pub features: usize,
    /// Latent values.
    pub latent: usize,
    /// Elements of each part's scratch.
    pub scratch: [usize; 2],
}

impl<A: Arithmetic> Blob<A> {
    /// What the header says of the body.
    ///
    /// # Panics
    /// If the blob has no part, or a part no layer.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        let ends = |part: &Part<A>| {
            let [first, last] = [part.layers.first(), part.layers.last()];
            (first.expect("a layer").inputs, last.expect("a layer").outputs)
        };
        let (features, latent) = match (&self.encoder, &self.decoder) {
            (Some(encoder), _) => ends(encoder),
            (None, Some(decoder)) => {
                let (latent, features) = ends(decoder);
                (features, latent)
            }
            (None, None) => panic!("a blob without parts"),
        };
        let scratch = [&self.encoder, &self.decoder];
        let scratch = scratch.map(|part| part.as_ref().map_or(0, |it| it.scratch(self.in_strips)));
        Sizes { features, latent, scratch }
    }

    /// The header's number of parts, and of strips.
    pub(crate) fn parts(&self) -> u16 {
        let parts = [&self.encoder, &self.decoder].into_iter().flatten();
        let has_strips = self.in_strips && parts.flat_map(Part::runs).any(|(_, is_less)| is_less);
        let bits = [self.encoder.is_some(), self.decoder.is_some(), has_strips];
        bits.into_iter().zip([1, 2, 4]).map(|(is_set, bit)| if is_set { bit } else { 0 }).sum()
    }
}

impl<A: Arithmetic> Part<A> {
    /// Elements that the hungriest layer takes, or run of layers.
    fn scratch(&self, in_strips: bool) -> usize {
        let layers = || (0..self.layers.len()).map(|layer| self.taken(layer..layer + 1)).collect();
        let taken = if in_strips { self.runs() } else { layers() };
        taken.into_iter().map(|(elements, _)| elements).max().unwrap_or(0)
    }

    /// What each run of layers takes.
    fn runs(&self) -> Vec<(usize, bool)> {
        let (mut runs, mut first) = (Vec::new(), 0);
        while first < self.layers.len() {
            let goes_on = |at: usize| match [&self.layers[at - 1].spatial, &self.layers[at].spatial]
            {
                [Some(front), Some(back)] => at - first < MOST_LAYERS && front.is_followed_by(back),
                _ => false,
            };
            let end = (first + 1..self.layers.len()).find(|&at| !goes_on(at));
            let end = end.unwrap_or(self.layers.len());
            runs.push(self.taken(first..end));
            first = end;
        }
        runs
    }

    /// Elements that a run takes: layer by layer, or in strips if these are enough less.
    fn taken(&self, run: Range<usize>) -> (usize, bool) {
        // Inputs and outputs where they are not the part's own.
        let ends = |first: usize, end: usize| {
            let inputs = if first > 0 { self.layers[first].inputs } else { 0 };
            let outputs = if end < self.layers.len() { self.layers[end - 1].outputs } else { 0 };
            inputs + outputs
        };
        let layers = &self.layers[run.clone()];
        let whole = run.clone().map(|layer| ends(layer, layer + 1) + self.layers[layer].room());
        let windows = layers.windows(2).map(|pair| match [&pair[0].spatial, &pair[1].spatial] {
            [Some(front), Some(back)] => front.window(back),
            _ => 0,
        });
        let room = layers.iter().map(Layer::room).max().unwrap_or(0);
        let in_strips = ends(run.start, run.end) + windows.sum::<usize>() + room;
        let whole = whole.max().unwrap_or(0);
        let is_less = in_strips + LEAST_SAVED <= whole && 3 * in_strips <= 2 * whole;
        (if is_less { in_strips } else { whole }, is_less)
    }
}

impl<A: Arithmetic> Layer<A> {
    /// A layer that works position by position; its digest is 0.
    #[must_use]
    pub fn of(spatial: Spatial, arithmetic: A) -> Self {
        let (inputs, outputs) = (spatial.inputs(), spatial.outputs());
        Self { inputs, outputs, spatial: Some(spatial), digest: 0, arithmetic }
    }

    /// The sizes of its weights.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let dense = Shape { kind: None, inputs: self.inputs, outputs: self.outputs };
        self.spatial.as_ref().map_or(dense, Spatial::shape)
    }

    /// Elements that it needs between its inputs and outputs.
    fn room(&self) -> usize {
        match &self.spatial {
            None => self.arithmetic.room(self.inputs),
            Some(spatial) if spatial.kind == Kind::Convolution => {
                self.arithmetic.room_of_positions(spatial)
            }
            Some(_) => 0,
        }
    }
}
