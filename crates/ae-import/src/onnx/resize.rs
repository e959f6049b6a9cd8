//! Enlarging.

use crate::Operation;
use crate::graph::{Extent, Refusal, Understood, in_words, target_in_words};

use super::Reader;
use super::schema::Node;

impl<'a> Reader<'_, 'a> {
    pub(super) fn resize(&mut self, node: &Node<'a>) -> Understood<()> {
        let ([height, width], channels) = self.chain.map()?;
        let mode = node.text("mode")?;
        if !matches!(mode, "" | "nearest") {
            return Err(Refusal::new(
                format!("it enlarges in the mode `{mode}`"),
                "enlarge maps in the mode `nearest`",
            ));
        }
        let signal = self.chain.shape.len() == 2;
        let factors = self.factors(node, if signal { vec![width] } else { vec![height, width] })?;
        let factors = match factors.as_slice() {
            [vertical, horizontal] => [*vertical, *horizontal],
            [horizontal] => [1, *horizontal],
            other => return Err(Refusal::damaged(format!("{} factors", other.len()))),
        };
        // Versions before these attributes round down.
        let old = node.kind == "Upsample" || node.inputs.len() == 2;
        let or = |text: &'a str, default| if text.is_empty() { default } else { text };
        let coordinates = or(node.text("coordinate_transformation_mode")?, "half_pixel");
        let rounding = or(node.text("nearest_mode")?, "round_prefer_floor");
        if !old && !factors.iter().all(|factor| repeats(coordinates, rounding, *factor)) {
            return Err(Refusal::new(
                format!(
                    "with the coordinates `{coordinates}` and the rounding `{rounding}` it does not \
                     repeat each value equally often"
                ),
                "export it with `asymmetric` coordinates and `floor`",
            ));
        }
        let [vertical, horizontal] = factors;
        let times = |extent: Extent, factor: usize| extent?.checked_mul(factor);
        let places = [times(height, vertical), times(width, horizontal)];
        let shape = self.chain.map_shape(places, channels);
        self.push(node, Operation::Upsampling(factors), shape)
    }

    /// Whole factors of the places, from scales or sizes.
    fn factors(&self, node: &Node<'a>, places: Vec<Extent>) -> Understood<Vec<usize>> {
        let not_whole = |what: String| {
            Refusal::new(
                format!("it enlarges {} places by {what}", in_words(&places)),
                "enlarge a map's height and width by whole factors",
            )
        };
        // Without regions of interest, which later versions put between, scales come second.
        let at = if node.inputs.len() == 2 { 1 } else { 2 };
        let scales = match node.f32s("scales")? {
            Some(scales) => scales,
            None => match self.may_have(node, at, "scales")? {
                Some(scales) => scales.all_reals()?,
                None => Vec::new(),
            },
        };
        let whole = |scale: &f32| -> Option<usize> {
            (scale.fract() == 0.0 && (1.0..=1e6).contains(scale)).then_some(*scale as usize)
        };
        if let [1.0, 1.0, scales @ ..] = scales.as_slice() {
            let factors: Option<Vec<usize>> = scales.iter().map(whole).collect();
            return factors.ok_or_else(|| not_whole(format!("{scales:?}")));
        }
        if !scales.is_empty() || node.input(3).is_none() {
            return Err(not_whole(format!("{scales:?}, batch and channels among them")));
        }
        let sizes = self.shape_numbers(node, 3)?;
        let factor = |(from, to): (&Extent, &Option<i64>)| -> Option<usize> {
            let (from, to) = ((*from)?, usize::try_from((*to)?).ok().filter(|to| *to > 0)?);
            (to.checked_rem(from)? == 0).then(|| to.checked_div(from))?
        };
        let inner = sizes.get(2..).unwrap_or_default();
        let factors: Option<Vec<usize>> = places.iter().zip(inner).map(factor).collect();
        let factors = factors.filter(|factors| factors.len() == inner.len());
        factors.ok_or_else(|| not_whole(format!("a size of {}", target_in_words(&sizes))))
    }
}

/// Whether rounded coordinates repeat each value as often as the factor says.
fn repeats(coordinates: &str, rounding: &str, factor: usize) -> bool {
    match (coordinates, rounding) {
        ("align_corners" | "tf_crop_and_resize", _) => factor == 1,
        ("asymmetric" | "tf_half_pixel_for_nn", "floor") => true,
        ("asymmetric", "round_prefer_floor") => factor <= 2,
        ("half_pixel" | "pytorch_half_pixel" | "half_pixel_symmetric", rounding) => {
            factor == 1 || matches!(rounding, "round_prefer_floor" | "round_prefer_ceil")
        }
        ("asymmetric", _) => factor == 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the operator's description has it, for the place `out` of an enlarged map.
    fn place(coordinates: &str, rounding: &str, out: usize, factor: usize, places: usize) -> usize {
        let (out, factor) = (out as f64, factor as f64);
        let last = places as f64 - 1.0;
        let at = match coordinates {
            "asymmetric" => out / factor,
            "align_corners" => out * last / (places as f64 * factor - 1.0),
            "tf_half_pixel_for_nn" => (out + 0.5) / factor,
            _ => (out + 0.5) / factor - 0.5,
        };
        let rounded = match rounding {
            "floor" => at.floor(),
            "ceil" => at.ceil(),
            "round_prefer_floor" => (at - 0.5).ceil(),
            _ => (at + 0.5).floor(),
        };
        rounded.clamp(0.0, last) as usize
    }

    #[test]
    fn only_coordinates_that_repeat_each_value_are_taken() {
        let mut taken = 0;
        for coordinates in ["asymmetric", "half_pixel", "align_corners", "tf_half_pixel_for_nn"] {
            for rounding in ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"] {
                for factor in 1..7 {
                    let equal = (0..9 * factor)
                        .all(|out| place(coordinates, rounding, out, factor, 9) == out / factor);
                    let repeats = repeats(coordinates, rounding, factor);
                    assert!(equal || !repeats, "{coordinates}, {rounding}, {factor}");
                    taken += usize::from(repeats);
                }
            }
        }
        assert!(taken > 24, "{taken} ways are taken");
    }
}
