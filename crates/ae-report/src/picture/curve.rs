//! The loss curve of a run as an SVG file.

use std::fmt::Write;

use ae_files::text;
use maud::{Markup, html};

use super::axis::{Axis, is_drawable};

/// Size of the picture in pixels.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 400.0;
/// Upper and lower edge of both plots.
const TOP: f64 = 96.0;
const BOTTOM: f64 = 340.0;
/// Left and right edge of each plot.
const LEFT_PLOT: (f64, f64) = (70.0, 460.0);
const RIGHT_PLOT: (f64, f64) = (550.0, 940.0);
/// Up to so many epochs each is marked by a dot.
const MOST_DOTS: usize = 30;

/// Colours that remain apart for the colour-blind and in grey.
const TRAIN_COLOUR: &str = "#d55e00";
const TEST_COLOUR: &str = "#0072b2";

/// The figures of an epoch that the curve shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Epoch, from 1.
    pub epoch: u32,
    /// Mean loss over the epoch's steps, in the unit of [`TrainLoss`].
    pub train_loss: f64,
    /// Cross-entropy of the test images in nats a pixel.
    pub test_bce: f64,
    /// Mean squared error of the test images in (pixel / 255)².
    pub test_mse: f64,
}

/// What `train_loss` is, so that it is drawn beside the test figure of its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainLoss {
    /// Sigmoid cross-entropy.
    CrossEntropy,
    /// Mean squared error.
    SquaredError,
}

/// One line of a plot.
struct Series {
    name: &'static str,
    colour: &'static str,
    value: fn(&CurvePoint) -> f64,
}

/// An SVG with two plots over epochs, ascending: cross-entropy and squared error of the test
/// images, each with the train loss if that is its unit.
///
/// The file needs nothing else: no script, no font, no style sheet. Values that are not finite
/// leave a gap. `title` may hold any character.
pub fn loss_curve(title: &str, train_loss: TrainLoss, points: &[CurvePoint]) -> String {
    let train =
        Series { name: "train loss", colour: TRAIN_COLOUR, value: |point| point.train_loss };
    let bce =
        Series { name: "test cross-entropy", colour: TEST_COLOUR, value: |point| point.test_bce };
    let mse =
        Series { name: "test squared error", colour: TEST_COLOUR, value: |point| point.test_mse };
    let (left, right) = match train_loss {
        TrainLoss::CrossEntropy => (vec![train, bce], vec![mse]),
        TrainLoss::SquaredError => (vec![bce], vec![train, mse]),
    };
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(format_args!("0 0 {WIDTH} {HEIGHT}"))
            width=(WIDTH) height=(HEIGHT) font-family="sans-serif" font-size="12" fill="#222"
            role="img" {
            title { (title) }
            rect width="100%" height="100%" fill="#fff" {}
            text x=(WIDTH / 2.0) y="28" font-size="16" text-anchor="middle" { (title) }
            (plot("cross-entropy (nats a pixel)", LEFT_PLOT, &left, points))
            (plot("mean squared error", RIGHT_PLOT, &right, points))
        }
    };
    text::lines(svg.into_string()).to_string()
}

fn plot(
    heading: &str,
    (left, right): (f64, f64),
    series: &[Series],
    points: &[CurvePoint],
) -> Markup {
    let x_axis = Axis::of_counts(points.iter().map(|point| point.epoch), left, right);
    let values = points.iter().flat_map(|point| series.iter().map(|series| (series.value)(point)));
    let y_axis = Axis::of_values(values, BOTTOM, TOP);
    html! {
        g {
            text x=(left) y=(TOP - 40.0) font-weight="bold" { (heading) }
            @if let (Some(x_axis), Some(y_axis)) = (x_axis, y_axis) {
                (frame(left, right, &x_axis, &y_axis))
                @for (index, series) in series.iter().enumerate() {
                    (line(series, points, &x_axis, &y_axis))
                    (legend(left + 200.0 * index as f64, series, points))
                }
            } @else {
                text x=((left + right) / 2.0) y=((TOP + BOTTOM) / 2.0) text-anchor="middle" {
                    @if points.is_empty() { "no epoch yet" } @else { "no finite value" }
                }
            }
        }
    }
}

/// Grid lines, tick labels and the name of the x axis.
fn frame(left: f64, right: f64, x_axis: &Axis, y_axis: &Axis) -> Markup {
    html! {
        g stroke="#ddd" {
            @for (y, _) in y_axis.ticks() { path d=(format_args!("M{left} {y:.1}H{right}")) {} }
            @for (x, _) in x_axis.ticks() {
                path d=(format_args!("M{x:.1} {BOTTOM}v5")) stroke="#222" {}
            }
            path d=(format_args!("M{left} {TOP}V{BOTTOM}H{right}")) fill="none" stroke="#222" {}
        }
        @for (y, label) in y_axis.ticks() {
            text x=(left - 8.0) y=(format_args!("{:.1}", y + 4.0)) text-anchor="end" { (label) }
        }
        @for (x, label) in x_axis.ticks() {
            text x=(format_args!("{x:.1}")) y=(BOTTOM + 20.0) text-anchor="middle" { (label) }
        }
        text x=((left + right) / 2.0) y=(BOTTOM + 42.0) text-anchor="middle" { "epoch" }
    }
}

/// The line of one series, broken where a value is not drawable, with dots where epochs are few or
/// a value has no neighbour to draw a line to.
fn line(series: &Series, points: &[CurvePoint], x_axis: &Axis, y_axis: &Axis) -> Markup {
    let (mut path, mut dots) = (String::new(), vec![]);
    for run in points.split(|point| !is_drawable((series.value)(point))) {
        for (index, point) in run.iter().enumerate() {
            let x = x_axis.place(f64::from(point.epoch));
            let y = y_axis.place((series.value)(point));
            let command = if index == 0 { 'M' } else { 'L' };
            // Writing to a String cannot fail.
            let _ = write!(path, "{command}{x:.1} {y:.1}");
            if run.len() == 1 || points.len() <= MOST_DOTS {
                dots.push((x, y));
            }
        }
    }
    html! {
        path d=(path) fill="none" stroke=(series.colour) stroke-width="1.8" {}
        @for (x, y) in dots {
            circle cx=(format_args!("{x:.1}")) cy=(format_args!("{y:.1}")) r="2.5"
                fill=(series.colour) {}
        }
    }
}

/// A stroke of the series' colour, its name and its last value.
fn legend(left: f64, series: &Series, points: &[CurvePoint]) -> Markup {
    let last = points.last().map_or(f64::NAN, series.value);
    // A run that diverges may end with a hundred digits.
    let is_long = last.is_finite() && last.abs() >= 1e6;
    let last = if is_long { format!("{last:.3e}") } else { format!("{last:.5}") };
    let y = TOP - 18.0;
    html! {
        path d=(format_args!("M{left} {}h18", y - 4.0)) stroke=(series.colour) stroke-width="3" {}
        text x=(left + 24.0) y=(y) { (series.name) " " (last) }
    }
}

#[cfg(test)]
mod tests;
