//! Bands of a spectrum: triangles that overlap, as mel bands are.

use serde::{Deserialize, Serialize};

use crate::error::FeaturesError;

/// Bands of the spectrum of a frame. Each is a triangle over the bins: its weight rises from the centre
/// of the band before to its own, and falls to that of the band behind. Between two centres the two
/// weights of a bin add up to 1, so one of them is enough.
///
/// ```
/// use ae_core::{Bands, Spectrum, Taper};
///
/// // Bins 2 and 3 rise to the only band's centre, bin 4 is the centre, bin 5 falls.
/// let weights: Vec<u8> = [8192, 16384, 32768, 8192].into_iter().flat_map(u16::to_le_bytes).collect();
/// let bands = Bands {
///     taper: Taper::Hann,
///     spectrum: Spectrum::Power,
///     first: 2,
///     segments: &[3, 0, 1, 0],
///     weights: &weights,
/// };
/// assert_eq!((bands.len(), bands.bins()), (1, 4));
/// let bins: Vec<Vec<u16>> = bands.segments().map(|it| it.weights().collect()).collect();
/// assert_eq!(bins, [vec![8192, 16384, 32768], vec![8192]]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bands<'a> {
    /// What the samples of a frame are multiplied with.
    pub taper: Taper,
    /// What of a bin is added.
    pub spectrum: Spectrum,
    /// The first bin that has a weight. Bin `k` is the frequency `k / frame` of the sample rate.
    pub first: u16,
    /// Before the first centre, between two, and behind the last: the number of bins, each a u16,
    /// little-endian. A bin at a centre is the last of the segment before it.
    pub segments: &'a [u8],
    /// For each bin from the first, the share of the band whose centre ends its segment, in units of
    /// [`UNIT`](Self::UNIT), each a u16, little-endian. The band before has the rest.
    pub weights: &'a [u8],
}

/// What the samples of a frame are multiplied with. The field calls it a window; here a window is what
/// the model sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Taper {
    /// Nothing.
    Rectangular,
    /// `(1 − cos(2πi / n)) / 2` at sample i of n.
    Hann,
}

/// What of a bin is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spectrum {
    /// The square of its magnitude.
    Power,
    /// Its magnitude.
    Magnitude,
}

/// The bins from behind one centre to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    weights: &'a [u8],
}

impl<'a> Segment<'a> {
    /// The share of the band whose centre ends the segment, bin after bin.
    pub fn weights(self) -> impl ExactSizeIterator<Item = u16> + use<'a> {
        self.weights.as_chunks().0.iter().map(|&weight| u16::from_le_bytes(weight))
    }
}

impl<'a> Bands<'a> {
    /// A weight of 1.
    pub const UNIT: u16 = 1 << 15;

    /// Number of bands.
    #[must_use]
    pub const fn len(&self) -> usize {
        (self.segments.len() / 2).saturating_sub(1)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bins that have a weight.
    #[must_use]
    pub const fn bins(&self) -> usize {
        self.weights.len() / 2
    }

    /// The segments, one more than there are bands.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let mut rest = self.weights;
        self.segments.as_chunks().0.iter().map_while(move |&bins| {
            let len = usize::from(u16::from_le_bytes(bins)).saturating_mul(2);
            let (weights, behind) = rest.split_at_checked(len)?;
            rest = behind;
            Some(Segment { weights })
        })
    }

    pub(super) fn check(&self, frame: u16) -> Result<(), FeaturesError> {
        // Two segments make a band.
        let found = self.segments.len();
        if found < 4 || found & 1 != 0 {
            return Err(FeaturesError::Segments { found });
        }
        let segments = self.segments.as_chunks().0;
        let bins = segments.iter().map(|&bins| usize::from(u16::from_le_bytes(bins)));
        let bins = bins.fold(0, usize::saturating_add);
        let (expected, found) = (bins.saturating_mul(2), self.weights.len());
        if expected != found {
            return Err(FeaturesError::Weights { expected, found });
        }
        // From 0 to half the sample rate.
        let most = usize::from(frame / 2).saturating_add(1);
        let found = usize::from(self.first).saturating_add(bins);
        if found > most {
            return Err(FeaturesError::Bins { most, found });
        }
        let weights = self.weights.as_chunks().0.iter().map(|&weight| u16::from_le_bytes(weight));
        for (place, found) in weights.enumerate() {
            if found > Self::UNIT {
                let bin = usize::from(self.first).saturating_add(place);
                return Err(FeaturesError::Weight { bin, found });
            }
        }
        Ok(())
    }
}
