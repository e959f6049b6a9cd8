//! What lies between two operators.

use std::fmt;

use ae_model::Map;

/// What lies between two operators. Values of a map stand as the blob has them, channels last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Values in the places of a map.
    Map(Map),
    /// Values without places. With a map they stand as this map does in a file that has channels
    /// first, and here as it does with channels last.
    Values(usize, Option<Map>),
}

impl Flow {
    /// What a shape without the batch says, in the order of its file.
    pub(super) fn of_shape(shape: &[usize], channels_first: bool) -> Option<Self> {
        let map = |height: usize, width: usize, channels: usize| Map { height, width, channels };
        let map = match *shape {
            [values] => return Some(Self::Values(values, None)),
            [channels, width] if channels_first => map(1, width, channels),
            [width, channels] => map(1, width, channels),
            [channels, height, width] if channels_first => map(height, width, channels),
            [height, width, channels] => map(height, width, channels),
            _ => return None,
        };
        Some(Self::Map(map))
    }

    pub(super) fn values(self) -> usize {
        match self {
            Self::Map(map) => map.values(),
            Self::Values(values, _) => values,
        }
    }

    /// Numbers that a normalisation has: one for each channel, or one for each value.
    pub(super) fn channels(self) -> usize {
        match self {
            Self::Map(map) => map.channels,
            Self::Values(values, _) => values,
        }
    }

    /// The map in whose order the file has the values, where that is not the order here.
    pub(super) fn order(self, channels_first: bool) -> Option<Map> {
        match self {
            Self::Map(map) => Some(map).filter(|_| channels_first).filter(is_reordered),
            Self::Values(_, order) => order,
        }
    }
}

/// Whether the order of the values depends on where the channels stand.
pub(super) fn is_reordered(map: &Map) -> bool {
    map.channels > 1 && map.values() > map.channels
}

/// The number, in a file with channels first, of a value that has this number with channels last.
pub(super) fn in_file(map: Map, value: usize) -> usize {
    let places = map.height * map.width;
    value % map.channels * places + value / map.channels
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(map) => map.fmt(f),
            Self::Values(values, _) => write!(f, "{values} values"),
        }
    }
}
