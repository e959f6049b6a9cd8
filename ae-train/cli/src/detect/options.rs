//! Options of `detect` beside those of the signal and of the training.

use ae_core::{Debounce, Detection};
use ae_detect::conformal::MILLION;
use ae_model::{Activation, Code, Map};
use ae_train::pipeline::PipelineError;
use ae_train::pipeline::detect::Shape;
use anyhow::bail;

use super::super::train::options::{Hidden, parse_hidden};
use crate::architecture::{self, ArchitectureArg};
use crate::trouble::runs::{GoOn, of_pipeline};

/// Latent sizes to choose among, of other layers than dense ones.
const LATENTS: [usize; 3] = [4, 8, 16];

/// The latent size of them where none is chosen.
const LATENT: usize = 10;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Detector")]
pub(super) struct DetectorArgs {
    /// The wanted false-alarm rate: the share of normal windows that may exceed the threshold, from
    /// 0.000001 to 0.999999. It needs (1 − α) / α calibration windows that do not overlap, 99 for
    /// 0.01.
    #[arg(long, value_name = "RATE", default_value = "0.01", value_parser = parts_per_million)]
    pub(super) alpha: u32,
    /// How many of the last --of windows must exceed the threshold for an alarm.
    #[arg(long, value_name = "K", default_value_t = 1)]
    hits: u8,
    /// How many of the last windows count for --hits, from 1 to 32.
    #[arg(long, value_name = "N", default_value_t = 1)]
    of: u8,
    /// Give every pixel's squared error the same weight. Without this option, each is weighted by
    /// the inverse of its variance on the training windows.
    #[arg(long)]
    pub(super) unweighted: bool,
    /// Add to the error of a sample those of so many samples on each side, of the same channel,
    /// before it is squared, from 0 to 3. Then errors that alternate count less, and those that stay
    /// count more. The rows of an image are its samples. Without this option, 0 for signals and 1 for
    /// images.
    #[arg(long, value_name = "SAMPLES", value_parser = clap::value_parser!(u8).range(0..=i64::from(Detection::MAX_SMOOTHING)))]
    pub(super) smoothing: Option<u8>,
    /// Fit no PCA beside the autoencoder.
    #[arg(long)]
    pub(super) no_pca: bool,
    /// Take f32 values, even if all numbers in the files are whole. Without this option, whole
    /// numbers that fit i16 are taken as counts.
    #[arg(long, conflicts_with = "counts_per_unit")]
    pub(super) values: bool,
    /// Train on all windows that are normal. Without this option, a few that lie far from all others
    /// are taken for faults, and left out of the training; a note says which.
    #[arg(long)]
    pub(super) no_trim: bool,
    /// Map the values of each channel to codes by one straight line. Without this option, a channel
    /// with several levels, within which it hardly varies, is mapped through its quantiles; a note
    /// says which.
    #[arg(long)]
    pub(super) linear: bool,
    /// Leave out the channels that stay the same in all windows to train on, and say which. Without
    /// this option they are an error, because nothing can be learned from them.
    #[arg(long)]
    pub(super) drop_constant: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelArgs {
    /// What the layers are: dense; conv1d, convolutions over time; separable, depthwise convolutions,
    /// pooling and upsampling; conv, convolutions over an image; or a file with a table of layers, such
    /// as layers.toml. Without this option, dense.
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "prototypes", value_parser = architecture::parse)]
    pub(super) architecture: Option<ArchitectureArg>,
    /// The widths of the encoder's hidden layers. The decoder has them in reverse. `none` means no
    /// hidden layer. Without this option, what notices most of planted faults is chosen for signals,
    /// and 256 is taken for images.
    #[arg(long, value_name = "WIDTHS", value_parser = parse_hidden)]
    pub(super) hidden: Option<Hidden>,
    /// The number of latent values. Without this option, what notices most of planted faults is chosen
    /// for signals, and 10 is taken for images.
    #[arg(long)]
    pub(super) latent: Option<usize>,
    /// So many prototypes instead of an autoencoder: windows that the normal ones gather around, found
    /// by k-means. The reconstruction of a window is the nearest of them.
    #[arg(long, value_name = "COUNT", conflicts_with_all = [
        "hidden", "latent", "start", "epochs", "tied", "batch_norm", "variational"
    ], value_parser = prototypes)]
    pub(super) prototypes: Option<usize>,
    /// The activation after each hidden layer: relu, gelu or silu.
    #[arg(long, default_value_t = Activation::Relu)]
    pub(super) activation: Activation,
}

impl ModelArgs {
    /// The shape with what the user says.
    pub(super) fn applied_to(&self, shape: Shape) -> Shape {
        if let Some(count) = self.prototypes {
            return Shape::prototypes(count);
        }
        Shape {
            hidden: self.hidden.as_ref().map_or(shape.hidden, |given| given.0.clone()),
            latent: self.latent.unwrap_or(shape.latent),
            code: Code::Linear,
            architecture: None,
        }
    }

    /// The shapes of other layers than dense ones, if that is what the user says: one for each latent
    /// size to choose among. `data` is what a window is, and there are none to choose among of images.
    pub(super) fn layers(&self, data: Map, is_signal: bool) -> anyhow::Result<Option<Vec<Shape>>> {
        let Some(choice) = self.architecture.as_ref().map(ArchitectureArg::choice).transpose()?
        else {
            return Ok(None);
        };
        let Some(choice) = choice else { return Ok(None) };
        if self.hidden.is_some() {
            bail!("--hidden is for dense layers; leave it out, or give --architecture dense");
        }
        let latents: &[usize] = match (is_signal, self.latent) {
            (true, None) if choice.leaves_latent_open() => &LATENTS,
            _ => &[LATENT],
        };
        let shape = |&latent: &usize| {
            let layers = choice.resolve(data, self.latent, latent);
            Shape::layers(layers.map_err(PipelineError::from)?)
        };
        let shapes = latents.iter().map(shape).collect::<Result<_, _>>();
        shapes.map(Some).map_err(|error| of_pipeline(error, GoOn::SameCommand))
    }

    /// The shapes to choose among that are what the user says. Where none is, the hidden layers or the
    /// latent size are new: then they are tried with what is given of the other. Whoever gives one of
    /// them wants an autoencoder.
    pub(super) fn narrowed(&self, shapes: Vec<Shape>, one: &Shape) -> Vec<Shape> {
        if shapes.is_empty() {
            return shapes;
        }
        let mut narrowed: Vec<Shape> = Vec::new();
        let is_free = self.hidden.is_none() && self.latent.is_none();
        let shapes = shapes.into_iter().filter(|shape| is_free || shape.code == Code::Linear);
        let applied = |shape| {
            if is_free && self.prototypes.is_none() { shape } else { self.applied_to(shape) }
        };
        for shape in shapes.map(applied) {
            if !narrowed.contains(&shape) {
                narrowed.push(shape);
            }
        }
        let one = self.applied_to(one.clone());
        if self.hidden.is_some() && self.latent.is_some() { vec![one] } else { narrowed }
    }

    /// What the user says, for a name.
    pub(super) fn given(&self) -> impl Iterator<Item = String> {
        let architecture = self.architecture.iter().map(ArchitectureArg::name);
        let widths = self.hidden.iter().flat_map(|given| &given.0).copied();
        let widths = widths.chain(self.latent).map(|width| width.to_string());
        let prototypes = self.prototypes.map(|count| format!("prototypes-{count}"));
        architecture.chain(widths).chain(prototypes)
    }
}

impl DetectorArgs {
    /// The debounce, if it is one.
    pub(super) fn debounce(&self) -> Result<Debounce, String> {
        debounce(Debounce { hits: self.hits, of: self.of })
    }
}

fn prototypes(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| "expected a whole number, at least 1".to_owned())
}

/// `--hits` and `--of`, if an alarm can follow from them.
pub(crate) fn debounce(given: Debounce) -> Result<Debounce, String> {
    let Debounce { hits, of } = given;
    if hits == 0 || hits > of || of > Debounce::MAX_OF {
        return Err(format!(
            "--hits {hits} --of {of}: an alarm takes from 1 to N of the last N windows, and N is at \
             most {}",
            Debounce::MAX_OF
        ));
    }
    Ok(given)
}

pub(crate) fn parts_per_million(text: &str) -> Result<u32, String> {
    let expected =
        "expected a rate from 0.000001 to 0.999999, such as 0.01 for 1 %, in steps of 0.000001";
    let rate: f64 = text.parse().map_err(|_| expected.to_owned())?;
    let millionths = rate * f64::from(MILLION);
    let whole = millionths.round();
    if !(1.0..f64::from(MILLION)).contains(&whole) || (millionths - whole).abs() > 1e-6 {
        return Err(expected.to_owned());
    }
    Ok(whole as u32)
}

#[cfg(test)]
mod tests {
    use super::parts_per_million;

    #[test]
    fn rates_are_exact_to_the_millionth() {
        for (text, ppm) in
            [("0.01", 10_000), ("0.000001", 1), ("0.999999", 999_999), ("5e-2", 50_000)]
        {
            assert_eq!(parts_per_million(text), Ok(ppm));
        }
        for text in ["0", "1", "-0.1", "0.0000001", "0.0000015", "nan", "1%", ""] {
            assert!(parts_per_million(text).is_err(), "{text}");
        }
    }
}
