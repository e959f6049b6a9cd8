//! Layers of the f32 contract.

use ae_core::{
    Activation, Description, F32, F32Model, Geometry, Layer, LayerSpec, PartSpec, Provenance,
};
use ae_infer::ComputeLayer;
use ae_testkit::random::XorShift32;

use crate::{Buffers, Failure, MAX_OUTPUTS, lengths};

pub(crate) fn run(buffers: &mut Buffers<'_>, around: fn(bool)) -> Result<u32, Failure> {
    let mut random = XorShift32::default();
    let mut layers = 0;
    for (index, inputs) in lengths().enumerate() {
        for offset in 0..5 {
            let most = if inputs < 68 { 37 } else { 21 };
            let outputs = 1 + (index + 7 * offset) % most;
            let case = Case { inputs, outputs, offset, around };
            layers += case.run(buffers, &mut random)?;
        }
    }
    Ok(layers)
}

/// An output, compared by its bits.
pub(crate) trait Bits: Copy {
    /// What stands where no output belongs.
    const HELD: Self;
    fn bits(self) -> u32;
}

impl Bits for f32 {
    const HELD: Self = 0.5;

    fn bits(self) -> u32 {
        self.to_bits()
    }
}

impl Bits for i8 {
    const HELD: Self = 77;

    fn bits(self) -> u32 {
        u32::from(self as u8)
    }
}

impl Bits for u8 {
    const HELD: Self = 77;

    fn bits(self) -> u32 {
        self.into()
    }
}

/// A layer to make.
#[derive(Clone, Copy)]
struct Case {
    inputs: usize,
    outputs: usize,
    /// Bytes from a boundary to the blob.
    offset: usize,
    around: fn(bool),
}

impl Case {
    fn run(self, buffers: &mut Buffers<'_>, random: &mut XorShift32) -> Result<u32, Failure> {
        let Self { inputs, offset, .. } = self;
        let len = self.blob(buffers, random).ok_or(self.failure("none", u32::MAX, [0; 2]))?;
        let Buffers { blob, pixels, reals, .. } = buffers;
        let blob = blob.get(offset..).and_then(|blob| blob.get(..len));
        let model = F32Model::parse(blob.unwrap_or_default()).ok();
        let part = model.as_ref().and_then(F32Model::encoder);
        let layer = part.and_then(|part| part.layers().next());
        let layer = layer.ok_or(self.failure("none", u32::MAX, [0; 2]))?;

        for shift in 0..2 {
            let pixels = pixels.get_mut(shift..).and_then(|it| it.get_mut(..inputs));
            let pixels = pixels.unwrap_or_default();
            pixels.fill_with(|| random.bits() as u8);
            self.compare::<u8, f32>(&layer, pixels)?;
            self.compare::<u8, u8>(&layer, pixels)?;
            let reals = reals.get_mut(..inputs).unwrap_or_default();
            // At last with what is not finite.
            reals.fill_with(|| real(random, if shift == 1 { 0 } else { 8 }));
            self.compare::<f32, f32>(&layer, reals)?;
            self.compare::<f32, u8>(&layer, reals)?;
        }
        Ok(8)
    }

    /// Computes `layer` twice.
    fn compare<X, Y: Bits>(self, layer: &Layer<'_, F32>, x: &[X]) -> Result<(), Failure>
    where
        F32: for<'a> ComputeLayer<'a, X, Y, Element = f32>,
    {
        // The outputs, and a number on each side that must stay.
        let (mut expected, mut found) = ([Y::HELD; MAX_OUTPUTS], [Y::HELD; MAX_OUTPUTS]);
        let window = 1..=self.outputs;
        F32::portable(layer, x, expected.get_mut(window.clone()).unwrap_or_default());
        (self.around)(true);
        F32::compute(layer, x, found.get_mut(window).unwrap_or_default(), &mut []);
        (self.around)(false);
        let pairs = expected.iter().zip(&found).map(|(a, b)| [a.bits(), b.bits()]);
        match pairs.enumerate().find(|(_, [expected, found])| expected != found) {
            None => Ok(()),
            Some((place, bits)) => {
                let kernel = <F32 as ComputeLayer<'_, X, Y>>::kernel(layer);
                Err(self.failure(kernel, place.wrapping_sub(1) as u32, bits))
            }
        }
    }

    /// Writes a blob with the layer as its encoder; gives its length.
    fn blob(self, buffers: &mut Buffers<'_>, random: &mut XorShift32) -> Option<usize> {
        let Self { inputs, outputs, .. } = self;
        let Buffers { blob, data, pixels, .. } = buffers;
        let data = data.get_mut(..4 * (inputs + 1) * outputs)?;
        for word in data.as_chunks_mut().0 {
            *word = real(random, 8).to_le_bytes();
        }
        let activation = nth_activation(inputs);
        let layer = LayerSpec {
            geometry: Geometry::dense(inputs, outputs),
            digest: 0,
            arithmetic: F32::new(activation),
            data,
        };
        let description = Description {
            model_id: [0; 16],
            latent_map: &[],
            provenance: Provenance { tool: "conformance", config: &[], data: &[] },
            detection: None,
            in_strips: false,
            encoder: Some(PartSpec { layers: &[layer], test_input: pixels.get(..inputs)? }),
            decoder: None,
        };
        ae_core::write(&description, blob.get_mut(self.offset..)?).ok()
    }

    fn failure(self, kernel: &'static str, output: u32, [expected, found]: [u32; 2]) -> Failure {
        Failure {
            kind: "dense",
            layout: "f32",
            kernel,
            inputs: self.inputs as u32,
            outputs: self.outputs as u32,
            offsets: [self.offset as u8, 0],
            output,
            expected,
            found,
        }
    }
}

/// Finite if `exponents` is not 0: mostly about 1, in some places subnormal or huge. If it is, any
/// bits at all.
pub(crate) fn real(random: &mut XorShift32, exponents: u32) -> f32 {
    let bits = random.bits();
    if exponents == 0 {
        return f32::from_bits(bits);
    }
    let exponent = match random.below(64) {
        0 => 0,
        1 => 200,
        _ => 127 - exponents / 2 + random.below(exponents),
    };
    f32::from_bits(bits & 0x807f_ffff | exponent << 23)
}

/// Activations in turn.
pub(crate) fn nth_activation(turn: usize) -> Activation {
    const ALL: &[Activation] = &[
        Activation::Identity,
        Activation::Relu,
        Activation::Gelu,
        #[cfg(feature = "activations")]
        Activation::Relu6,
        #[cfg(feature = "activations")]
        Activation::LeakyRelu(ae_core::Factor::new(0.1)),
        #[cfg(feature = "activations")]
        Activation::Elu(ae_core::Factor::new(1.5)),
        #[cfg(feature = "activations")]
        Activation::Logistic,
        #[cfg(feature = "activations")]
        Activation::Tanh,
        #[cfg(feature = "activations")]
        Activation::Softplus,
    ];
    ALL.get(turn % ALL.len()).copied().unwrap_or(Activation::Identity)
}
