//! Models to measure: some that are made here, of weights that look random and are the same on
//! every machine, so that anyone can repeat a figure without a training; or blobs that are named.

mod float;
mod integer;
mod pieces;
mod seal;
mod shape;
mod spatial;

use std::path::{Path, PathBuf};

use ae_boards::Board;
use ae_core::Header;
use anyhow::{Context, Result};

pub(crate) use pieces::pieces;
pub(crate) use shape::Shape;

/// A blob with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) blob: Vec<u8>,
}

/// Widths from pixels to latent; the decoder has them the other way around.
type Widths = [usize];

const FULL: &Widths = &[784, 256, 128, 20];
/// Fits the smallest board.
const SMALL: &Widths = &[784, 96, 64, 20];
/// Windows of 64 samples of six channels.
const MONITOR: &Widths = &[384, 128, 16];
/// Windows of 16 samples of three channels.
const ACCELEROMETER: &Widths = &[48, 16, 4];

/// How hidden layers of an int8 model become non-linear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hidden {
    /// ReLU: saturation alone.
    Saturate,
    /// GELU and the like: four tables a layer.
    Tables,
}

/// What the name of a model of these widths begins with.
fn prefix(widths: &Widths) -> String {
    widths.iter().map(|width| format!("{width}-")).collect()
}

impl Model {
    fn seeded(widths: &Widths, kind: &str, blob: Vec<u8>) -> Self {
        Self { name: format!("{}{kind}", prefix(widths)), blob }
    }

    /// The model in a file.
    ///
    /// # Errors
    /// It cannot be read, or is not a model.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let blob =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Header::read(&blob).with_context(|| format!("{} is not a model", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, blob })
    }

    /// Whether it is the one for the smallest board.
    pub(crate) fn is_small(&self) -> bool {
        self.name.starts_with(&prefix(SMALL))
    }

    /// Whether some layer works position by position, which not every board's firmware can.
    ///
    /// # Errors
    /// The blob is not a model.
    pub(crate) fn is_spatial(&self) -> Result<bool> {
        Ok(Shape::of(&self.blob)?.is_spatial)
    }

    /// The same model, computed in strips.
    fn in_strips(self) -> Self {
        let blob = ae_core::with_strips(&self.blob, true).expect("a model that was made here");
        Self { name: self.name.replace(".int8", "-in-strips.int8"), blob }
    }

    /// The same model in the layout that the board's kernel is fast with.
    ///
    /// # Errors
    /// The blob is not a model.
    pub(crate) fn arranged(&self, board: &Board) -> Result<Self> {
        let blob = ae_core::arrange(&self.blob, board.layout())
            .with_context(|| format!("{} cannot be arranged for {}", self.name, board.name))?;
        Ok(Self { name: self.name.clone(), blob })
    }
}

/// The models that are made here: three of the README's size, one for the smallest board, and three of
/// layers that work position by position, two of them in strips too.
pub(crate) fn seeded() -> Vec<Model> {
    let mut models = dense();
    models.extend([
        Model::seeded(SMALL, "gelu.int8", integer::blob(SMALL, Hidden::Tables)),
        image(),
        Model { name: "signal.int8".into(), blob: spatial::signal() },
        separable(),
        image().in_strips(),
        separable().in_strips(),
    ]);
    models
}

/// Those of the README's size.
pub(crate) fn dense() -> Vec<Model> {
    vec![
        Model::seeded(FULL, "relu.int8", integer::blob(FULL, Hidden::Saturate)),
        Model::seeded(FULL, "gelu.int8", integer::blob(FULL, Hidden::Tables)),
        Model::seeded(FULL, "relu.f32", float::blob(FULL)),
    ]
}

/// A network of convolutions, from 28 × 28 pixels to a latent of 20 and back.
pub(crate) fn image() -> Model {
    Model { name: "image.int8".into(), blob: spatial::image() }
}

/// An encoder of depthwise and pointwise layers and pools.
fn separable() -> Model {
    Model { name: "separable.int8".into(), blob: spatial::separable() }
}

/// A model that watches a signal: i16 counts of six channels, windows of 64 samples every 16, and a
/// weight for each pixel. It fits every board.
pub(crate) fn monitor() -> Model {
    Model::seeded(MONITOR, "monitor.int8", integer::monitor(MONITOR, 6))
}

/// A small one of the same kind for the three axes of an accelerometer, in thousandths of g: windows of
/// 16 samples every 4.
pub(crate) fn accelerometer() -> Model {
    Model::seeded(ACCELEROMETER, "accelerometer.int8", integer::monitor(ACCELEROMETER, 3))
}

/// The models in the files that are named, or those that are made here.
///
/// # Errors
/// As [`Model::read`].
pub(crate) fn given_or_seeded(given: &[PathBuf]) -> Result<Vec<Model>> {
    if given.is_empty() {
        Ok(seeded())
    } else {
        given.iter().map(|path| Model::read(path)).collect()
    }
}

#[cfg(test)]
mod tests {
    use ae_boards::Board;
    use ae_core::{Header, Int8Model};
    use ae_infer::{F32Autoencoder, Int8Autoencoder};

    use super::{Shape, monitor, seeded};

    #[test]
    fn models_pass_their_self_test_in_every_layout_and_are_the_same_each_time() {
        let models = seeded();
        assert_eq!(models, seeded());
        let names: Vec<&str> = models.iter().map(|model| &*model.name).collect();
        let full = "784-256-128-20";
        assert_eq!(
            names[..3],
            ["relu.int8", "gelu.int8", "relu.f32"].map(|it| format!("{full}-{it}"))
        );
        for model in &models {
            for board in ["mps2-an385", "mps2-an386"] {
                let blob = model.arranged(Board::find(board).unwrap()).unwrap().blob;
                let header = Header::read(&blob).unwrap();
                let mut pixels = vec![0; header.features as usize];
                let scratch_len = header.scratch_len();
                if model.name.ends_with("f32") {
                    let loaded = F32Autoencoder::load(&blob).unwrap();
                    loaded.self_test(&mut pixels, &mut vec![0.0; scratch_len]).unwrap();
                } else {
                    let loaded = Int8Autoencoder::load(&blob).unwrap();
                    if let Err(error) = loaded.self_test(&mut pixels, &mut vec![0; scratch_len]) {
                        panic!("{} on {board}: {error}", model.name);
                    }
                }
            }
        }
    }

    #[test]
    fn activations_use_their_range() {
        for model in seeded().iter().filter(|model| model.name.ends_with("int8")) {
            let parsed = Int8Model::parse(&model.blob).unwrap();
            // An encoder alone has no decoder that is tested with its latent.
            let Some(decoder) = parsed.decoder() else { continue };
            let latent: Vec<i8> = decoder.test_input().iter().map(|&byte| byte as i8).collect();
            let sum: i32 = latent.iter().map(|&q| i32::from(q).abs()).sum();
            let mean = sum / latent.len() as i32;
            // What convolutions with random weights give is smaller.
            let least = if model.is_spatial().unwrap() { 2 } else { 10 };
            assert!((least..100).contains(&mean), "{}: {latent:?}", model.name);
        }
    }

    #[test]
    fn the_monitor_watches_windows_of_64_samples_of_six_channels() {
        let model = monitor();
        assert_eq!(model.name, "384-128-16-monitor.int8");
        let parsed = Int8Model::parse(&model.blob).unwrap();
        let detection = parsed.detection().unwrap().unwrap();
        assert_eq!((detection.window, detection.stride, detection.channels(384)), (64, 16, Ok(6)));
        assert_eq!(detection.weights.len(), 384);
        assert_eq!(detection.samples.counts().len(), 6);
    }

    #[test]
    fn shapes_are_those_of_the_names() {
        let shape = Shape::of(&seeded()[0].blob).unwrap();
        assert_eq!(shape.macs(), 472_064);
        assert_eq!((shape.contract, shape.layout), ("int8", "rows"));
        assert_eq!((&*shape.layers[3].name, shape.layers[3].macs), ("decoder.0", 2560));
    }
}
