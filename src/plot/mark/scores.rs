//! Scores of several methods in several categories.

use super::whiskers::{Whiskers, whisker};
use super::{Dash, Extent, Key, Marker, Member, Sample, dashed, key, same_length};
use crate::error::{Error, Result};
use crate::plot::colour::Colour;
use crate::plot::scale::View;
use crate::plot::surface::{Ink, Point, Stroke, Surface};

/// Scores by category (on an axis of [`crate::plot::Scale::Category`]), side by side for several methods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// One for each method.
    pub series: Vec<ScoreSeries>,
    /// Bars from zero, or dots.
    pub kind: ScoreKind,
    /// Name of the null level in the legend; empty for "null".
    pub null_label: String,
}

/// The scores of one method, one for each category.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreSeries {
    /// One value for each category; not finite where there is none.
    pub values: Vec<f64>,
    /// Error bars.
    pub whiskers: Whiskers,
    /// Single outcomes (seeds, animals) of each category, shown as faint points; empty for none.
    pub samples: Vec<Vec<f64>>,
    /// What chance or an empty model scores in each category, shown as a dotted stroke; empty for none.
    pub null: Vec<f64>,
    /// Colour.
    pub colour: Colour,
    /// Name in the legend.
    pub label: String,
}

impl Default for ScoreSeries {
    fn default() -> Self {
        let (values, samples, null, label) = (Vec::new(), Vec::new(), Vec::new(), String::new());
        ScoreSeries { values, whiskers: Whiskers::None, samples, null, colour: Colour::BLUE, label }
    }
}

/// How scores are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScoreKind {
    /// Dots: fit for scores whose zero means nothing.
    #[default]
    Dots,
    /// Bars that start at zero.
    Bars,
}

/// Part of a category's width that its methods share.
const FILLED: f64 = 0.78;

impl Scores {
    /// Middle and half width of the `series`-th method in the `category`-th category.
    fn slot(&self, series: usize, category: usize) -> (f64, f64) {
        let width = FILLED / self.series.len() as f64;
        (category as f64 - 0.5 * FILLED + (series as f64 + 0.5) * width, 0.5 * width)
    }

    fn draw_series(&self, index: usize, view: &View, surface: &mut dyn Surface) {
        let series = &self.series[index];
        for (category, &value) in series.values.iter().enumerate() {
            let (middle, half) = self.slot(index, category);
            let (x, y) = view.point(middle, value);
            if y.is_nan() {
                continue;
            }
            let (left, right) = (view.x.pixel(middle - 0.86 * half), view.x.pixel(middle + 0.86 * half));
            if self.kind == ScoreKind::Bars {
                self.draw_bar((left, right), value, series.colour, (view, surface));
            }
            self.draw_samples(index, category, view, surface);
            let pen = if self.kind == ScoreKind::Bars { Colour::BLACK } else { series.colour };
            if let Some(ends) = series.whiskers.ends(category, value) {
                whisker(view, x, ends, pen, surface);
            }
            if self.kind == ScoreKind::Dots && view.area.holds((x, y), 0.5) {
                let ink = Ink { colour: series.colour, alpha: 1.0 };
                super::points::draw_marker(Marker::cycle(index), (x, y), (3.6, false), ink, surface);
            }
        }
    }

    fn draw_bar(&self, (left, right): (f64, f64), value: f64, colour: Colour, (view, surface): (&View, &mut dyn Surface)) {
        let floor = if view.y.logarithmic { view.area.bottom } else { view.y.pixel(0.0) };
        let inside = |pixel: f64| pixel.clamp(view.area.top, view.area.bottom);
        let (base, tip) = (inside(floor), inside(view.y.pixel(value)));
        surface.polygon(&[(left, base), (right, base), (right, tip), (left, tip)], Ink { colour, alpha: 0.8 });
    }

    /// Faint points spread across the slot in the order given, which needs no random numbers.
    fn draw_samples(&self, index: usize, category: usize, view: &View, surface: &mut dyn Surface) {
        let series = &self.series[index];
        let (middle, half) = self.slot(index, category);
        let samples = series.samples.get(category).map_or(&[][..], Vec::as_slice);
        let colour = if self.kind == ScoreKind::Bars { Colour::BLACK } else { series.colour };
        for (k, &sample) in samples.iter().enumerate() {
            let spread = 1.2 * ((k as f64 + 0.5) / samples.len() as f64 - 0.5);
            let place = view.point(middle + spread * half, sample);
            if !place.1.is_nan() && view.area.holds(place, 0.0) {
                surface.disc(place, 1.6, Ink { colour, alpha: 0.4 });
            }
        }
    }

    fn draw_null(&self, index: usize, view: &View, surface: &mut dyn Surface) {
        for (category, &null) in self.series[index].null.iter().enumerate() {
            let (middle, half) = self.slot(index, category);
            let (left, right) = (view.point(middle - 0.88 * half, null), view.point(middle + 0.88 * half, null));
            if !left.1.is_nan() && view.area.holds(left, 0.0) && view.area.holds(right, 0.0) {
                dashed(&[left, right], NULL_PEN, Dash::Dotted, surface);
            }
        }
    }
}

const NULL_PEN: Stroke = Stroke { colour: Colour::BLACK, alpha: 1.0, width: 1.6 };

impl Member for Scores {
    fn check(&self) -> Result<()> {
        let categories = self.series.first().map_or(0, |series| series.values.len());
        for series in &self.series {
            let length = series.values.len();
            if length != categories {
                return Err(Error::shape(format!("scores of '{}'", series.label), format!("{categories} categories"), length));
            }
            series.whiskers.check(length)?;
            if !series.null.is_empty() {
                same_length("null scores", length, series.null.len())?;
            }
            if !series.samples.is_empty() {
                same_length("samples of scores", length, series.samples.len())?;
            }
        }
        Ok(())
    }

    fn extend(&self, extent: &mut Extent) {
        let categories = self.series.first().map_or(0, |series| series.values.len());
        if categories > 0 {
            extent.x.add_all(&[-0.5, categories as f64 - 0.5]);
        }
        for series in &self.series {
            extent.y.add_all(&series.values);
            extent.y.add_all(&series.null);
            series.whiskers.extend(&series.values, extent);
            series.samples.iter().for_each(|samples| extent.y.add_all(samples));
        }
        if self.kind == ScoreKind::Bars {
            extent.y.add(0.0);
            extent.y.grounded = true;
        }
        extent.y.tight = false;
    }

    fn draw(&self, view: &View, surface: &mut dyn Surface) {
        for index in 0..self.series.len() {
            self.draw_series(index, view, surface);
            self.draw_null(index, view, surface);
        }
        let zero = view.y.pixel(0.0);
        if self.kind == ScoreKind::Bars && zero > view.area.top && zero < view.area.bottom {
            surface.path(&[(view.area.left, zero), (view.area.right, zero)], Stroke::solid(Colour::BLACK, 0.8));
        }
    }

    fn keys(&self) -> Vec<Key> {
        let sign = |index: usize, colour: Colour| match self.kind {
            ScoreKind::Dots => Sample::Marker(Marker::cycle(index), colour, 3.6, false),
            ScoreKind::Bars => Sample::Patch(colour, 0.8),
        };
        let mut keys: Vec<Key> =
            self.series.iter().enumerate().flat_map(|(index, series)| key(&series.label, sign(index, series.colour))).collect();
        if self.series.iter().any(|series| !series.null.is_empty()) {
            let label = if self.null_label.is_empty() { "null" } else { &self.null_label };
            keys.extend(key(label, Sample::Line(NULL_PEN, Dash::Dotted)));
        }
        keys
    }

    fn obstacles(&self, view: &View) -> Vec<Point> {
        let mut points = Vec::new();
        for (index, series) in self.series.iter().enumerate() {
            for (category, &value) in series.values.iter().enumerate() {
                let (middle, half) = self.slot(index, category);
                let (low, high) = series.whiskers.ends(category, value).unwrap_or((value, value));
                let floor = if self.kind == ScoreKind::Bars { 0.0 } else { low };
                let null = series.null.get(category).copied().unwrap_or(value);
                let column = [floor, low, high, null, value].map(|value| view.point(middle, value));
                let edges = [middle - half, middle + half].map(|x| view.point(x, high));
                points.extend(super::line::spaced(&column, 5.0).into_iter().chain(edges));
                let samples = series.samples.get(category).into_iter().flatten();
                points.extend(samples.map(|&sample| view.point(middle, sample)));
            }
        }
        points
    }
}
