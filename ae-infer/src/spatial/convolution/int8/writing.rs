//! Outputs of positions that are not taken as pairs of neighbours, and their places in the map.

use super::{Place, Walk};
use crate::arch::convolution::POSITIONS;
use crate::spatial::convolution::places::first_written;
use crate::spatial::map::Stretch;

impl Walk<'_, '_, '_, '_> {
    /// Computes the outputs of one position, or of two.
    #[inline(never)]
    pub(super) fn write(&mut self, places: [Option<Place>; POSITIONS]) {
        if places.iter().flatten().all(|place| self.writes_inside(place)) {
            self.write_inside(places);
        } else {
            self.write_clipped(places);
        }
    }

    /// Whether a position writes inside the map alone, and the kernel can compute it so.
    fn writes_inside(&self, place: &Place) -> bool {
        place.is_whole && self.written.contains(&place.column)
    }

    fn write_inside(&mut self, places: [Option<Place>; POSITIONS]) {
        let channels = usize::from(self.spatial.channels_out);
        let width = self.spatial.width;
        let start = |place: Place| {
            let column = first_written(&width, place.column).wrapping_mul(channels);
            place.y.wrapping_add(column)
        };
        let [one, other] = places;
        let Some(mut one_start) = one.map(start) else { return };
        // Without a second position no output lies there.
        let others = if other.is_some() { self.run_out } else { 0 };
        let mut other_start = other.map_or(self.y.len(), start);
        let mut first = 0_usize;
        while first < self.outputs {
            // What a position writes lies in front of what the next one does.
            let (front, back) = self.y.split_at_mut_checked(other_start).unwrap_or_default();
            let own = front.get_mut(one_start..one_start.wrapping_add(self.run_out));
            let other = back.get_mut(..others).unwrap_or_default();
            self.kernel.outputs(first, [own.unwrap_or_default(), other]);
            first = first.wrapping_add(self.run_out);
            one_start = one_start.wrapping_add(self.line_out);
            if others > 0 {
                other_start = other_start.wrapping_add(self.line_out);
            }
        }
    }

    /// The same by way of the room.
    #[inline(never)]
    fn write_clipped(&mut self, places: [Option<Place>; POSITIONS]) {
        let own = core::mem::take(&mut self.own);
        let (one, other) = own.split_at_mut_checked(self.outputs).unwrap_or_default();
        let others = if let [_, Some(_)] = places { self.outputs } else { 0 };
        let other = other.get_mut(..others).unwrap_or_default();
        self.kernel.outputs(0, [&mut *one, &mut *other]);
        for (place, outputs) in places.iter().flatten().zip([one, other]) {
            self.put(place, outputs);
        }
        self.own = own;
    }

    /// Puts the outputs of a position to their places.
    #[inline(never)]
    fn put(&mut self, place: &Place, outputs: &[u8]) {
        let (height, width) = (&self.spatial.height, &self.spatial.width);
        let across = usize::from(width.interleave);
        let at = place.column.wrapping_mul(across);
        let stretch = Stretch::clipped(at, width.crop.into(), across, width.outputs.into());
        let stretch = stretch.scaled(self.spatial.channels_out.into(), 0);
        let Stretch { before, from, inside, .. } = stretch;
        let mut row = place.row;
        let mut start = place.y.wrapping_add(from);
        for outputs in outputs.chunks_exact(self.run_out.max(1)) {
            // A row above the map is wrapped around, and so below it.
            if row < usize::from(height.outputs) {
                let places = self.y.get_mut(start..start.wrapping_add(inside)).unwrap_or_default();
                let outputs = outputs.get(before..).unwrap_or_default();
                places.iter_mut().zip(outputs).for_each(|(place, output)| *place = *output);
            }
            row = row.wrapping_add(1);
            start = start.wrapping_add(self.line_out);
        }
    }
}
