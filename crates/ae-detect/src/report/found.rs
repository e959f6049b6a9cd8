//! What was chosen and what it notices, in lines.

use super::figures::{ChoiceFigures, SensitivityFigures};
use super::verdict::percent;
use crate::planted::{FaultFigures, Unit};

/// A line for each model that was tried, with what it notices and what it costs.
pub fn choice_lines(choice: &ChoiceFigures) -> Vec<String> {
    let ChoiceFigures { trained, validated, candidates } = choice;
    let mut lines = vec![format!(
        "models tried on {trained} training windows, with faults planted in {validated} others:"
    )];
    lines.extend(candidates.iter().map(|it| {
        format!(
            "{} {:<24} {:>5} steps, validation MSE {:.6}, planted faults AUROC {:.3}, {} instructions",
            if it.chosen { "*" } else { " " },
            it.network,
            it.steps,
            it.validation_mse,
            it.noticed,
            it.instructions
        )
    }));
    lines
}

/// A line for each kind of fault: the smallest that is noticed, in the channel that shows it best and
/// in the one that shows it least.
pub fn found_lines(figures: &SensitivityFigures, channels: &[String]) -> Vec<String> {
    let SensitivityFigures { windows, found_share, faults } = figures;
    let mut lines = vec![format!(
        "smallest faults that {} of windows show, planted in {windows} held-out normal windows:",
        percent(*found_share)
    )];
    lines.extend(faults.iter().map(|fault| {
        let mut smallest: Vec<(f64, usize)> = fault.channels.iter().enumerate().map(rank).collect();
        smallest.sort_by(|a, b| a.0.total_cmp(&b.0));
        let of = |place: Option<&(f64, usize)>| match place {
            Some(&(_, at)) => {
                let name = channels.get(at).map_or("", String::as_str);
                format!("{} on {name}", strength(fault, at))
            }
            None => String::new(),
        };
        let name = fault.fault.name();
        match smallest.len() {
            0 | 1 => format!("  {name:<18} {}", of(smallest.first())),
            _ => format!("  {name:<18} {} … {}", of(smallest.first()), of(smallest.last())),
        }
    }));
    lines
}

/// The smaller, the better it is noticed; what is not noticed is ordered by its share.
fn rank((at, smallest): (usize, &crate::planted::Smallest)) -> (f64, usize) {
    match smallest.strength {
        Some(strength) => (strength - smallest.found, at),
        None => (1e9 - smallest.found, at),
    }
}

/// The smallest strength of a fault that is noticed in a channel, with its unit; “>” and the largest
/// that was tried where that is not noticed.
///
/// # Panics
/// There is no such channel.
pub fn strength(fault: &FaultFigures, channel: usize) -> String {
    let smallest = fault.channels[channel];
    match (fault.unit, smallest.strength) {
        (Unit::None, _) => percent(smallest.found),
        (_, None) => format!("> {}", in_unit(fault.unit, fault.largest)),
        (unit, Some(strength)) => in_unit(unit, strength),
    }
}

fn in_unit(unit: Unit, strength: f64) -> String {
    match unit {
        Unit::Spreads => format!("{strength}\u{a0}σ"),
        Unit::Factor => format!("×\u{a0}{}", 1.0 + strength),
        Unit::Share | Unit::None => percent(strength),
    }
}
